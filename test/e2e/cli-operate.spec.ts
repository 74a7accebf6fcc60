import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from './support/server-process.js';

const CLI = resolve(import.meta.dirname, '../../dist/cli/main.js');
const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const OPERATOR = 'rk_operator_b3BlcmF0b3JzIG9ubHkhISE';
const CALLER = 'rk_caller_c29tZWJvZHkgd2hvIGNhbGxz';
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

const CONFIG = `
server: { port: 0 }
auth:
  apiKeys:
    operator: { hash: ${hashOf(OPERATOR)}, roles: [operator] }
    caller: { hash: ${hashOf(CALLER)}, roles: [analyst] }
permissions: { roles: { operator: ['rookery:operate'], analyst: [execute] } }
audit: { sinks: [{ type: file, path: ./audit/trail.jsonl }] }
monitoring: { logging: { level: error } }
rateLimit: { requestsPerMinute: 1000 }
knowledge: { enabled: false }
`;

const folder = mkdtempSync(join(tmpdir(), 'rookery-operate-'));
let server: ServerProcess;
let url: string;

beforeAll(async () => {
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config', 'default.yaml'), CONFIG);
  server = new ServerProcess([MAIN], { cwd: folder });
  [url] = await server.shows('stdout', /http:\/\/127\.0\.0\.1:\d+\/mcp/);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Runs the built command line in a process of its own, on the server above. */
function rookery(argv: readonly string[], key?: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...(key !== undefined && { ROOKERY_API_KEY: key }) };
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...argv, '--url', url], { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
    );
  });
}

const operations = (): readonly string[] =>
  readdirSync(join(folder, 'audit'))
    .flatMap((name) =>
      readFileSync(join(folder, 'audit', name), 'utf8')
        .trimEnd()
        .split('\n'),
    )
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'operation')
    .map(({ operation, resourceType, principal }) => JSON.stringify([principal, operation, resourceType]));

describe('an operator at the command line', () => {
  it('is somebody with the permission', async () => {
    expect(await rookery(['status'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('lets nobody in without a credential: set ROOKERY_API_KEY'),
    });
    expect(await rookery(['status'], CALLER)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('the permission rookery:operate'),
    });
    expect(await rookery(['status'], 'rk_nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not accept the credential in ROOKERY_API_KEY'),
    });
  });

  it('[R5] sees how the server is doing', async () => {
    const { code, stdout, stderr } = await rookery(['status'], OPERATOR);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^server +rookery \S+, serving, up \d+ (s|min)/m);
    expect(stdout).toMatch(/^audit +ok/m);
    expect(stdout).toMatch(/^store +ok$/m);
    expect(JSON.parse((await rookery(['status', '--json'], OPERATOR)).stdout)).toMatchObject({
      auth: { required: true, remembered: expect.any(Number) as unknown },
      store: { available: true },
    });
  });

  it('[R4] sees what a caller has used of its limits', async () => {
    await rookery(['call', 'analyze_data', '--data', '1,2,3', '--arg', 'analysis_type=statistical'], CALLER);
    const { limits } = JSON.parse((await rookery(['limits', '--principal', 'caller', '--json'], OPERATOR)).stdout) as {
      limits: { name: string; used: number }[];
    };
    expect(limits.find(({ name }) => name === 'principal')?.used).toBeGreaterThan(0);
    expect((await rookery(['limits', '--principal', 'caller'], OPERATOR)).stdout).toMatch(
      /^LIMIT +OF +USED +ALLOWED\n/,
    );
  });

  it('[R5] sees the breakers, and is told of one that is not there', async () => {
    expect(await rookery(['breakers'], OPERATOR)).toMatchObject({ code: 0 });
    expect(await rookery(['breakers', 'reset', 'nothing'], OPERATOR)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no breaker nothing'),
    });
  });

  it('[R1] clears the cache, and lets credentials be looked at again, on record', async () => {
    expect((await rookery(['cache'], OPERATOR)).stdout).toMatch(/^state +memory, ok$/m);
    expect(await rookery(['cache', 'clear', '--tool', 'analyze_data', '--tag', 'a'], OPERATOR)).toMatchObject({
      code: 0,
      stderr: 'That is removed from the cache.\n',
    });
    expect(await rookery(['principals', 'forget'], OPERATOR)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^\d+ remembered credentials? (is|are) looked at again\.\n$/),
    });
    await expect
      .poll(operations)
      .toEqual(['[{"id":"operator"},"clear","cache"]', '[{"id":"operator"},"forget","principals"]']);
  });

  it('is told when the server has stopped', async () => {
    server.signal('SIGTERM');
    await server.ended();
    expect(await rookery(['status'], OPERATOR)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Is the server running?'),
    });
  });
});
