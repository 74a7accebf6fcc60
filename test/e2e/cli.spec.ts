import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from './support/server-process.js';

const CLI = resolve(import.meta.dirname, '../../dist/cli/main.js');
const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const REVOCATION_SECONDS = 0.5;
/** For what the machine is doing besides; the principal cache alone would remember a key for a minute. */
const SLACK_MS = 5_000;

const CONFIG = `
server: { port: 0 }
auth: { storedKeys: true, revocationSeconds: ${REVOCATION_SECONDS} }
permissions: { roles: { analyst: [execute] } }
audit: { sinks: [{ type: file, path: ./audit/trail.jsonl }] }
monitoring: { logging: { level: error } }
knowledge: { enabled: false }
`;

const folder = mkdtempSync(join(tmpdir(), 'rookery-cli-'));
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

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line in a process of its own. */
function rookery(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...argv], { cwd: folder, env: { PATH, HOME, ...env } }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
    );
  });
}

const CALL = ['call', 'analyze_data', '--data', '1,2,3', '--arg', 'analysis_type=statistical', '--json'];
const call = (key: string, ...where: string[]) => rookery([...CALL, ...where], { ROOKERY_API_KEY: key });
const answered = { code: 0, stdout: expect.stringContaining('"mean": 2') as unknown };

describe('an API key from the command line', () => {
  let first = '';
  let second = '';

  it('[A1] is made while the server runs, and lets its owner call', async () => {
    const { code, stdout } = await rookery(['keys', 'create', 'reports', '--role', 'analyst', '--expires', '90d']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^rk_reports_[\w-]{43}\n$/);
    first = stdout.trim();
    expect(await call(first, '--url', url)).toMatchObject(answered);
  });

  it('[A1] is taken from a file too', async () => {
    writeFileSync(join(folder, 'reports.key'), `${first}\n`, { mode: 0o600 });
    const env = { ROOKERY_API_KEY_FILE: 'reports.key' };
    expect(await rookery([...CALL, '--url', url], env)).toMatchObject(answered);
    expect(await rookery(['tools', '--url', url], env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('analyze_data'),
    });
  });

  it('[A1] is replaced, and both keys work for the time of grace', async () => {
    const { code, stdout } = await rookery(['keys', 'rotate', 'reports', '--grace', '1h']);
    expect(code).toBe(0);
    second = stdout.trim();
    expect(second).not.toBe(first);
    expect(await call(first, '--url', url)).toMatchObject(answered);
    expect(await call(second, '--url', url)).toMatchObject(answered);
  });

  it('lets a server in the same process be called by its owner', async () => {
    expect(await call(second)).toMatchObject(answered);
    expect(await rookery(CALL)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('lets nobody in without a credential: set ROOKERY_API_KEY'),
    });
    expect(await call('rk_reports_wrong')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('does not accept the credential in ROOKERY_API_KEY'),
    });
  });

  it('[A1] ends with the one before it within the configured seconds, though the server remembers both', async () => {
    expect(await status(first)).toBe(200);
    expect(await status(second)).toBe(200);
    expect(await rookery(['keys', 'revoke', 'reports'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `reports is revoked; running servers refuse it within ${REVOCATION_SECONDS} seconds.\n`,
    });
    for (const key of [first, second])
      await expect.poll(() => status(key), { timeout: REVOCATION_SECONDS * 1000 + SLACK_MS }).toBe(401);
    expect(await call(first, '--url', url)).toMatchObject({ code: 1, stdout: '' });
    expect(await call(second, '--url', url)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('The server does not accept the credential in ROOKERY_API_KEY'),
    });
  });

  it('is in no line that the server writes', () => {
    for (const key of [first, second]) expect(server.stdout + server.stderr).not.toContain(key);
  });
});

it('says what to set when a server asks who is calling', async () => {
  const answer = await rookery(['tools', '--url', url]);
  expect(answer).toMatchObject({ code: 1, stdout: '' });
  expect(answer.stderr).toBe(
    'error: The server lets nobody in without a credential: set ROOKERY_API_KEY to an API key or an access token, ' +
      'or ROOKERY_API_KEY_FILE to a file that holds one.\n',
  );
});

it('sends no credential to another host in the clear', async () => {
  expect(await rookery(['tools', '--url', 'http://rookery.example/mcp'], { ROOKERY_API_KEY: 'rk_x' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('A credential is not sent to rookery.example over plain HTTP; use https.'),
  });
});

it('keeps what an audit sink writes to stdout apart from the answer', async () => {
  writeFileSync(
    join(folder, 'stdout.yaml'),
    'audit: { sinks: [{ type: stdout }] }\nstore: { url: "file:./stdout.db" }\n',
  );
  const { stdout: key } = await rookery(['keys', 'create', 'piped', '--config', 'stdout.yaml']);
  const { code, stdout, stderr } = await call(key.trim(), '--config', 'stdout.yaml');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ isError: false });
  expect(stderr).toContain('"event":"open"');
});

it('[A9] verifies the trail of a running server, which ends without a warning when the server does', async () => {
  const { code, stdout } = await rookery(['audit', 'verify']);
  expect(code).toBe(0);
  expect(stdout).toContain('warning unclean_end');
  expect(stdout).toMatch(/ok: \d+ records/);
  server.signal('SIGTERM');
  await server.ended();
  expect(await rookery(['audit', 'verify', '--strict'])).toMatchObject({ code: 0 });
});

/** What the server answers to a key, as fast as it can be asked. */
async function status(key: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/list',
      params: {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  });
  await response.text();
  return response.status;
}
