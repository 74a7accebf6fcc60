import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppConfig } from '../../app.module.js';
import type { Application } from '../context.js';
import { run } from '../program.js';
import { AdminClient } from './admin-client.js';

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

let server: Server;
let origin: string;
let asked: Asked[];
/** What the pretended server answers, by method and path. */
let answers: Record<string, Canned>;

beforeEach(async () => {
  [asked, answers] = [[], {}];
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const path = `${request.method} ${request.url}`;
      asked.push({ path, headers: request.headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) });
      const { status = 200, headers = {}, body } = answers[path] ?? { status: 404, body: { message: 'Cannot' } };
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const unexpected = () => Promise.reject(new Error('not expected here'));

/** Runs a command line on a configuration whose `server` section is this. */
async function rookery(
  argv: string[],
  { env = {}, config = {} }: { env?: Record<string, string>; config?: object } = {},
) {
  let [stdout, stderr] = ['', ''];
  const application: Application = {
    sections: unexpected,
    checks: unexpected,
    configuration: async () =>
      ({ server: { host: '127.0.0.1', port: Number(new URL(origin).port), ...config } }) as unknown as AppConfig,
    start: unexpected,
    connect: unexpected,
    openStore: unexpected,
    open: unexpected,
  };
  const code = await run(argv, {
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
    source: (overrides) => ({ ...overrides, env, cwd: '/', packageDirectory: '/opt/rookery' }),
    application,
  });
  return { code, stdout, stderr };
}

const CLOSED = { name: 'steady', state: 'closed', faults: 0, retryAfterSeconds: 0 };
const OPEN = { name: 'brittle', state: 'open', faults: 5, retryAfterSeconds: 61.2 };
const CACHE = {
  enabled: true,
  backend: 'memory',
  available: true,
  entries: 12,
  maxSize: 1000,
  evicted: 3,
  requests: { hit: 3, miss: 1, bypass: 0, error: 0 },
  hitRate: 0.75,
  underWay: 1,
};
const STATUS = {
  name: 'rookery',
  version: '1.2.3',
  uptimeSeconds: 7_384.5,
  connections: 4,
  draining: false,
  auth: { required: true, remembered: 17 },
  audit: { state: 'failing', since: '2026-11-22T10:00:00.000Z', pending: 9 },
  cache: CACHE,
  breakers: [CLOSED, OPEN],
  concurrency: [
    { name: 'all', max: 100, running: 3, queued: 0 },
    { name: 'tool:slow', max: 2, running: 2, queued: 5 },
    { name: 'tool:idle', max: 2, running: 0, queued: 0 },
  ],
  store: { available: true },
  redis: { available: false },
  anything: 'newer',
};

describe('rookery status', () => {
  beforeEach(() => (answers['GET /admin/v1/status'] = { body: STATUS }));

  it('[R5] says how the server of the configuration is doing', async () => {
    expect(await rookery(['status'], { env: { ROOKERY_API_KEY: 'rk_x' } })).toEqual({
      code: 0,
      stdout: [
        'server    rookery 1.2.3, serving, up 2 h 3 min',
        'clients   4 connected, 17 credentials remembered',
        'audit     failing since 2026-11-22T10:00:00.000Z, 9 records not written yet',
        'cache     memory, ok, 12 of 1000 entries, 75 % hits',
        'breakers  brittle is open, 1 closed',
        'calls     all 3 of 100; tool:slow 2 of 2, 5 waiting',
        'store     ok',
        'redis     does not answer\n',
      ].join('\n'),
      stderr: '',
    });
    expect(asked).toMatchObject([{ headers: { authorization: 'Bearer rk_x' } }]);
  });

  it('[R6] says what the process has of slots that all processes share', async () => {
    const shared = { max: 2, running: 1, queued: 0, leased: 2, alone: false };
    const concurrency = [
      { name: 'all', max: 100, running: 2, queued: 0 },
      { name: 'tool:a', ...shared },
      { name: 'tool:b', ...shared, queued: 3, alone: true },
    ];
    answers['GET /admin/v1/status'] = { body: { ...STATUS, concurrency } };
    expect((await rookery(['status'])).stdout).toContain(
      'calls     all 2 of 100; tool:a 1 of 2, 2 leased; tool:b 1 of 2, counted without Redis, 3 waiting\n',
    );
  });

  it('prints all of it as JSON', async () => {
    expect(JSON.parse((await rookery(['status', '--json'])).stdout)).toEqual(STATUS);
  });

  it.each([
    ['', '/admin/v1/status'],
    ['/', '/admin/v1/status'],
    ['/mcp', '/admin/v1/status'],
    ['/mcp/', '/admin/v1/status'],
    ['/rookery/mcp?x=1#y', '/rookery/admin/v1/status'],
    ['//elsewhere.example/mcp', '//elsewhere.example/admin/v1/status'],
  ])('asks beside the endpoint, or below the base address: %s', async (path, expected) => {
    answers[`GET ${expected}`] = { body: STATUS };
    expect(await rookery(['status', '--url', `${origin}${path}`])).toMatchObject({ code: 0 });
    expect(asked.map((one) => one.path)).toEqual([`GET ${expected}`]);
  });

  it('prefers the public address of the configuration', async () => {
    answers['GET /base/admin/v1/status'] = { body: STATUS };
    const config = { host: '192.0.2.1', publicUrl: `${origin}/base/` };
    expect(await rookery(['status'], { config })).toMatchObject({ code: 0 });
  });

  it('needs an address where the port is picked at start', async () => {
    expect(await rookery(['status'], { config: { port: 0 } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('server.port is 0'),
    });
  });
});

describe('what keeps an operator from an answer', () => {
  const failure = async (canned: Canned, env: Record<string, string> = { ROOKERY_API_KEY: 'rk_secret' }) => {
    answers['GET /admin/v1/cache'] = canned;
    const answer = await rookery(['cache'], { env });
    expect(answer.stdout).toBe('');
    expect(answer.stderr).not.toContain('rk_secret');
    return [answer.code, answer.stderr];
  };

  it.each<[string, Canned, number, string]>([
    ['a credential that is unknown', { status: 401 }, 1, 'does not accept the credential in ROOKERY_API_KEY'],
    ['a missing permission', { status: 403 }, 1, 'without the permission rookery:operate: give it to a role'],
    ['an older server', { status: 404 }, 1, 'the server is of an older version'],
    ['a fault in the request', { status: 400, body: { message: ['id: too long', 'x'] } }, 2, 'id: too long; x'],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://other/' } },
      1,
      'sends on to https://other/: name that',
    ],
    [
      'a server that is busy',
      { status: 429, headers: { 'retry-after': '7' }, body: { message: 'Slow\u001b[31m down' } },
      1,
      'answered 429: Slow down\nTry again in 7 seconds.',
    ],
    ['something else that answers', { body: '<html>' }, 1, 'is no Rookery server'],
    ['another meaning', { body: { enabled: 'yes' } }, 1, 'what this version does not understand (enabled: '],
  ])('is told of %s', async (_, canned, code, text) => {
    expect(await failure(canned)).toEqual([code, expect.stringContaining(text)]);
  });

  it('is a credential that was not given', async () => {
    expect(await failure({ status: 401 }, {})).toEqual([1, expect.stringContaining('set ROOKERY_API_KEY to')]);
    expect(await failure({ status: 403 }, {})).toEqual([1, expect.stringContaining('No credential was sent')]);
  });

  it('is a server that is not there', async () => {
    await new Promise((done) => server.close(done));
    expect(await rookery(['status'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: Nothing listens at ${origin}. Is the server running? Start it with \`rookery start\`, or name another with --url.\n`,
    });
    await new Promise<void>((done) => server.listen(0, done));
  });

  it('[A1] is plain HTTP to another host', async () => {
    const url = ['--url', 'http://rookery.example/mcp'];
    expect(await rookery(['status', ...url], { env: { ROOKERY_API_KEY: 'rk_x' } })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: A credential is not sent to rookery.example over plain HTTP; use https.\n',
    });
  });

  it('is a server that does not answer in time', async () => {
    server.removeAllListeners('request');
    const client = new AdminClient(new URL(`${origin}/`), undefined, 50);
    await expect(client.get('status')).rejects.toThrow('did not answer within 0.05 seconds');
  });
});

describe('rookery breakers', () => {
  beforeEach(() => {
    answers['GET /admin/v1/breakers'] = { body: { breakers: [CLOSED, OPEN] } };
    answers['POST /admin/v1/breakers/brittle/reset'] = { body: { breaker: { ...OPEN, state: 'closed' } } };
  });

  it('[R5] lists them', async () => {
    expect((await rookery(['breakers'])).stdout).toBe(
      [
        'BREAKER  STATE   FAULTS  TRIES AGAIN',
        'steady   closed  0       -',
        'brittle  open    5       in 1 min 2 s\n',
      ].join('\n'),
    );
    answers['GET /admin/v1/breakers'] = { body: { breakers: [] } };
    expect(await rookery(['breakers'])).toEqual({ code: 0, stdout: '', stderr: 'The server has no breakers.\n' });
  });

  it('[R5] resets one, wherever the address stands on the command line', async () => {
    const told = { code: 0, stdout: '', stderr: 'The breaker brittle is closed.\n' };
    expect(await rookery(['breakers', 'reset', 'brittle'])).toEqual(told);
    for (const argv of [
      ['breakers', 'reset', 'brittle', '--url', origin],
      ['breakers', '--url', origin, 'reset', 'brittle'],
    ]) {
      expect(await rookery(argv, { config: { port: 1 } })).toEqual(told);
    }
    expect(JSON.parse((await rookery(['breakers', 'reset', 'brittle', '--json'])).stdout)).toMatchObject({
      breaker: { state: 'closed' },
    });
  });

  it('says which was meant', async () => {
    expect(await rookery(['breakers', 'reset', 'britle'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: there is no breaker britle; did you mean brittle?\n',
    });
    expect(asked.map(({ path }) => path)).toEqual(['GET /admin/v1/breakers']);
  });
});

describe('rookery limits', () => {
  it('[R4] says what a caller has used of each', async () => {
    answers['GET /admin/v1/limits?id=a%26b&issuer=https%3A%2F%2Fid&tenant=acme'] = {
      body: {
        limits: [
          { name: 'principal', limit: 60, windowSeconds: 60, used: 59 },
          { name: 'target', target: 'tool:slow', limit: 5, windowSeconds: 1, used: null },
        ],
      },
    };
    const { stdout } = await rookery(['limits', '--principal', 'a&b', '--issuer', 'https://id', '--tenant', 'acme']);
    expect(stdout).toBe(
      [
        'LIMIT      OF          USED  ALLOWED',
        'principal  everything  59    60 in 1 min',
        'target     tool:slow   ?     5 in 1 s\n',
      ].join('\n'),
    );
  });

  it('[R4] takes an address, and says that there are none', async () => {
    answers['GET /admin/v1/limits?address=192.0.2.7'] = { body: { limits: [] } };
    expect(await rookery(['limits', '--address', '192.0.2.7'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No limits hold there: rateLimit.enabled is false, or none is set.\n',
    });
  });
});

describe('rookery cache', () => {
  it('[R1] shows what it holds', async () => {
    answers['GET /admin/v1/cache'] = { body: CACHE };
    expect((await rookery(['cache'])).stdout).toBe(
      [
        'state      memory, ok',
        'entries    12 of 1000',
        'evicted    3',
        'hit        3',
        'miss       1',
        'bypass     0',
        'error      0',
        'hit rate   75 %',
        'under way  1\n',
      ].join('\n'),
    );
    answers['GET /admin/v1/cache'] = { body: { ...CACHE, enabled: false } };
    expect((await rookery(['cache'])).stdout).toBe('state  off: cache.enabled is false\n');
  });

  it.each<[string[], object, string]>([
    [['--tool', 'count', '--tag', 'a', '--tag', 'b'], { tool: 'count', tags: ['a', 'b'] }, 'That is removed'],
    [['--resource', 'r', '--prompt', 'p'], { resource: 'r', prompt: 'p' }, 'That is removed'],
    [['--all'], {}, 'Everything is removed'],
  ])('[R1] clears %j', async (argv, body, text) => {
    answers['POST /admin/v1/cache/clear'] = { body: CACHE };
    expect(await rookery(['cache', 'clear', ...argv])).toEqual({
      code: 0,
      stdout: '',
      stderr: `${text} from the cache.\n`,
    });
    expect(asked).toMatchObject([{ path: 'POST /admin/v1/cache/clear' }]);
    expect(asked[0]?.body).toEqual(body);
  });
});

it('rookery principals forget says of how many', async () => {
  answers['POST /admin/v1/principals/forget'] = { body: { forgotten: 2 } };
  expect(await rookery(['principals', 'forget'])).toEqual({
    code: 0,
    stdout: '',
    stderr: '2 remembered credentials are looked at again.\n',
  });
});
