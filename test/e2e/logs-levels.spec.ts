import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminModule } from '../../src/admin/index.js';
import type { Application } from '../../src/cli/context.js';
import { run } from '../../src/cli/program.js';
import {
  AuditModule,
  AuthModule,
  McpTool,
  PermissionsModule,
  ResilienceModule,
  RookeryLogger,
  ToolCacheModule,
  createServer,
  type StandaloneServer,
} from '../../src/index.js';
import { postModern } from './support/http-messages.js';

const OPERATOR = 'rk_operator_b3BlcmF0b3JzIG9ubHkhISE';
const CALLER = 'rk_caller_c29tZWJvZHkgd2hvIGNhbGxz';

@Injectable()
class Tools {
  readonly #logger = new Logger('Team');

  @McpTool({ description: 'Logs at every level.', requiresAuth: false })
  chatter(): string {
    this.#logger.verbose('verbose');
    this.#logger.debug('debug');
    this.#logger.warn('warn');
    return 'said';
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rookery-logs-'));
const trail = join(folder, 'audit.jsonl');
let text = '';
let server: StandaloneServer;
let url: string;
beforeAll(async () => {
  server = await createServer({
    port: 0,
    logger: new RookeryLogger({
      level: 'info',
      format: 'json',
      levels: { 'Te*': 'warn' },
      destination: { write: (line: string) => (text += line) },
    }),
    imports: [
      AuthModule.forRoot({
        apiKeys: { operator: { secret: OPERATOR, roles: ['operator'] }, caller: { secret: CALLER } },
      }),
      PermissionsModule.forRoot({ roles: { operator: ['rookery:operate'] }, authRequired: true }),
      AuditModule.forRoot({ sinks: [{ type: 'file', path: trail }] }),
      ResilienceModule.forRoot({ rateLimit: { requestsPerMinute: 100 } }),
      ToolCacheModule.forRoot({}),
      AdminModule,
    ],
    providers: [Tools],
  });
  url = await server.start();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const put = (body: object, key = OPERATOR): Promise<Response> =>
  fetch(new URL('/admin/v1/logging', url), {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });

/** What one call of the tool logs. */
async function logged(): Promise<readonly unknown[]> {
  text = '';
  await postModern(url, 'tools/call', { name: 'chatter', arguments: {} });
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
}

const unexpected = (): Promise<never> => Promise.reject(new Error('not expected here'));

async function rookery(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const application: Application = {
    sections: unexpected,
    checks: unexpected,
    configuration: unexpected,
    start: unexpected,
    connect: unexpected,
    openStore: unexpected,
    open: unexpected,
  };
  const code = await run([...argv, '--url', url], {
    out: (part) => (stdout += part),
    err: (part) => (stderr += part),
    source: (overrides) => ({
      ...overrides,
      env: { ROOKERY_API_KEY: OPERATOR },
      cwd: '/',
      packageDirectory: '/opt/rookery',
    }),
    application,
  });
  return { code, stdout, stderr };
}

describe('levels of modules, while the server runs', () => {
  it('[O5] change for who may operate it, on record, and go back', async () => {
    expect(await logged()).toEqual(['warn']);
    const changed = await put({ module: 'Team', level: 'debug', forSeconds: 60 });
    expect([changed.status, await changed.json()]).toEqual([
      200,
      {
        format: 'json',
        levels: [
          { module: '*', level: 'info', changed: false },
          { module: 'Te*', level: 'warn', changed: false },
          { module: 'Team', level: 'debug', changed: true, until: expect.any(String) as string },
        ],
      },
    ]);
    expect(await logged()).toEqual(['debug', 'warn']);
    await put({ module: 'Team', level: null });
    expect(await logged()).toEqual(['warn']);
    await expect
      .poll(() =>
        readdirSync(folder)
          .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
          .filter((line) => line.includes('"logging"'))
          .map((line) => /"resourceId":"([^"]*)"/.exec(line)?.[1]),
      )
      .toEqual(['Team debug 60 s', 'Team']);
  });

  it('[O5] change for nobody else', async () => {
    expect((await put({ module: 'Team', level: 'debug' }, CALLER)).status).toBe(403);
    expect((await put({ module: 'Team', level: 'debug' }, 'wrong')).status).toBe(401);
    expect(await logged()).toEqual(['warn']);
  });

  it.each([
    [{ module: 'Team', level: 'loud' }, '"trace"|"debug"|"info"|"warn"|"error"|"fatal"|"silent"'],
    [{ module: 'a*b', level: 'warn' }, 'name a module'],
    [{ module: 'Team', level: 'warn', forSeconds: 86_401 }, 'forSeconds'],
    [{ module: 'Team', level: 'warn', more: 1 }, 'more'],
  ])('[O5] stay where they are when the change is faulty: %j', async (body, fault) => {
    const response = await put(body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string[] }).message.join()).toContain(fault);
    expect(await logged()).toEqual(['warn']);
  });

  it('[O5] change from the command line', async () => {
    const told = await rookery('logs', 'level', 'Team', 'trace', '--for', '15m');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(/^MODULE +LEVEL +CONFIGURED +UNTIL\n[^]*^Team +trace +- +\d{4}-\d\d-\d\dT\S+Z$/m);
    expect(await logged()).toEqual(['verbose', 'debug', 'warn']);
    expect(await rookery('logs', 'level', 'Team', 'reset')).toMatchObject({ code: 0 });
    expect(await logged()).toEqual(['warn']);
    expect(JSON.parse((await rookery('logs', 'level', '--json')).stdout)).toMatchObject({ format: 'json' });
  });

  it.each([
    [['Team'], 'name a level for Team'],
    [['Team', 'loud'], 'loud is no level: use trace, debug'],
    [['Team', 'debug', '--for', '2d'], 'a day at the most'],
    [['--for', '1m'], '--for goes with a module and a level'],
  ])('[O5] are not changed by a faulty command line: %j', async (argv, fault) => {
    expect(await rookery('logs', 'level', ...argv)).toMatchObject({ code: 2, stderr: expect.stringContaining(fault) });
  });

  it('[O5] of two servers in one process are their own, and so are the lines of their calls', async () => {
    let others = '';
    const other = await createServer({
      port: 0,
      logger: new RookeryLogger({
        level: 'debug',
        format: 'json',
        destination: { write: (line: string) => (others += line) },
      }),
      imports: [AuthModule.forRoot({})],
      providers: [Tools],
    });
    try {
      others = '';
      expect(await logged()).toEqual(['warn']);
      expect(others).toBe('');
      text = '';
      await postModern(await other.start(), 'tools/call', { name: 'chatter', arguments: {} });
      expect(others).toMatch(/"callId":"[^"]+".*"debug"[^]*"warn"/);
      expect(text).toBe('');
    } finally {
      await other.stop();
    }
  });
});
