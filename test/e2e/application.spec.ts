import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectReference } from './support/connect-reference.js';
import { send } from './support/raw-http.js';
import { allPages, type Endpoint, type Revision } from './support/reference-client.js';
import { ServerProcess } from './support/server-process.js';

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const REVISIONS: readonly Revision[] = ['2026-07-28', '2025-11-25'];
const TOOLS = ['analyze_data', 'health_check', 'search_knowledge_base'];

/** An installation as an operator has it: a folder with a configuration and documents. */
class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'rookery-application-'));

  constructor(config: string) {
    mkdirSync(join(this.folder, 'config'));
    mkdirSync(join(this.folder, 'handbook'));
    writeFileSync(join(this.folder, 'config', 'default.yaml'), config);
    writeFileSync(
      join(this.folder, 'handbook', 'parrots.md'),
      '# Parrots\n\nThe kea is a parrot that lives in the snow.\n',
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const CONFIG = `
server:
  name: handbook
  version: 7.8.9
  instructions: Ask the handbook.
knowledge:
  folders:
    - name: handbook
      path: ./handbook
`;

/** What the three tools answer a client, and who they say the server is. */
async function asked(revision: Revision, endpoint: Endpoint): Promise<object> {
  const client = await connectReference(revision, endpoint);
  try {
    return {
      server: client.server,
      instructions: client.instructions,
      tools: (await allPages(client, 'tools')).entries.map(({ name }) => name),
      found: await client.callTool('search_knowledge_base', { query: 'parrot in the snow', max_results: 3 }),
      analysis: await client.callTool('analyze_data', { data: [1, 2, 3, 4, 5], analysis_type: 'statistical' }),
      health: await client.callTool('health_check'),
      wrong: await client.callTool('analyze_data', { data: [], analysis_type: 'magic' }),
    };
  } finally {
    await client.close();
  }
}

const ANSWERS = {
  server: { name: 'handbook', version: '7.8.9' },
  instructions: 'Ask the handbook.',
  tools: expect.arrayContaining(TOOLS) as unknown,
  found: {
    structuredContent: {
      query: 'parrot in the snow',
      results: [{ title: 'Parrots', content: expect.stringContaining('kea') as unknown }],
      total_found: 1,
    },
  },
  analysis: { structuredContent: { summary: { mean: 3, median: 3, count: 5 } } },
  health: { structuredContent: { status: 'healthy', version: '7.8.9' } },
  wrong: { isError: true, _meta: { 'rookery/code': 'invalid_arguments' } },
};

describe('the application over HTTP', () => {
  const installation = new Installation(CONFIG);
  let server: ServerProcess;
  let url = '';
  beforeAll(async () => {
    server = new ServerProcess([MAIN], { cwd: installation.folder, env: { ROOKERY_SERVER__PORT: '0' } });
    [url] = await server.shows('stdout', /http:\/\/127\.0\.0\.1:\d+\/mcp/);
    await server.shows('stdout', /curl .*\n/);
  });
  afterAll(async () => {
    await server.stop();
    installation.remove();
  });

  it('says where it listens, what it serves and how it is protected', () => {
    expect(server.stdout).toContain('handbook 7.8.9');
    expect(server.stdout).toMatch(/not authenticated/);
    for (const tool of TOOLS) expect(server.stdout).toContain(tool);
  });

  it('prints a curl line that gets a real answer as it is pasted', async () => {
    const [line] = await server.shows('stdout', /curl .*$/m);
    const { stdout } = await run('sh', ['-c', line]);
    expect(JSON.parse(stdout)).toMatchObject({ result: { structuredContent: { summary: { count: 5 } } } });
  });

  it.each([
    ['text/html,application/xhtml+xml,*/*;q=0.8', /^text\/html/, /^<!doctype html>/],
    ['*/*', /^text\/plain/, /^handbook 7\.8\.9/],
    ['application/json', /^application\/json/, /^\{/],
  ])('says the same at / to who accepts %s', async (accept, type, body) => {
    const { status, headers, text } = await send(new URL('/', url).href, { method: 'GET', headers: { accept } });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(type);
    expect(text).toMatch(body);
    for (const part of [url, 'handbook', ...TOOLS]) expect(text).toContain(part);
  });

  it.each(['/health/live', '/health/ready'])('is 200 at %s', async (path) => {
    expect(await send(new URL(path, url).href, { method: 'GET' })).toMatchObject({ status: 200 });
  });

  it.each(REVISIONS)('answers the reference client of %s', async (revision) => {
    expect(await asked(revision, { kind: 'http', url })).toMatchObject(ANSWERS);
  });

  it('exits with 0 when it is told to stop', async () => {
    server.signal('SIGTERM');
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect(server.stderr).not.toContain('"level":"error"');
  });
});

describe('the application over stdio', () => {
  const installation = new Installation(CONFIG);
  afterAll(() => installation.remove());

  it.each(REVISIONS)('answers the reference client of %s', async (revision) => {
    const endpoint = { kind: 'stdio', args: [MAIN, '--stdio'], cwd: installation.folder } as const;
    expect(await asked(revision, endpoint)).toMatchObject(ANSWERS);
  });
});

describe('the application with a bad configuration', () => {
  const installation = new Installation(
    'server:\n  prot: 1\n  port: eighty\nnowhere: {}\nmonitoring:\n  logging: loud\n',
  );
  afterAll(() => installation.remove());

  it.each([[[]], [['--stdio']]])('[S2] does not start and names every fault with its path (%j)', async (args) => {
    const env = { ROOKERY_AUTH__REQUIRE_POLICY: 'perhaps', ROOKERY_UNKNOWN: 'x' };
    const server = new ServerProcess([MAIN, ...args], { cwd: installation.folder, env });
    try {
      const { code } = await server.ended();
      expect(code).not.toBe(0);
      expect(code).not.toBeNull();
      for (const path of [
        'server.prot',
        'server.port',
        'nowhere',
        'monitoring.logging',
        'auth.requirePolicy',
        'ROOKERY_UNKNOWN',
      ]) {
        expect(server.stderr).toContain(path);
      }
      expect(server.stderr).not.toMatch(/^\s+at /m);
      expect(server.stdout).toBe('');
    } finally {
      await server.stop();
    }
  });
});

describe('the application with policies that cannot be meant', () => {
  it.each<[string, string, readonly (readonly [path: string, reason: string])[]]>([
    [
      'values that none of them takes',
      `
rateLimit: { requestsPerMinute: -5 }
circuitBreaker: { failureThreshold: 0 }
timeouts: { defaultMs: -1 }
limits: { maxConcurrency: 5, perTool: 6 }
cache: { backend: memcached }
monitoring: { tracing: { exportEndpoint: 'http://jaeger:14268/api/traces' } }`,
      [
        ['rateLimit.requestsPerMinute', 'expected a whole number from 1 to 10000000'],
        ['circuitBreaker.failureThreshold', 'expected a whole number from 1 to 1000000'],
        ['timeouts.defaultMs', 'expected a whole number from 0 to 86400000'],
        ['limits.perTool', 'is more than maxConcurrency (5) lets run in all'],
        ['cache.backend', 'expected one of memory, redis'],
        ['monitoring.tracing.exportEndpoint', 'Jaeger takes OTLP: use http://jaeger:4318/v1/traces'],
      ],
    ],
    [
      'limits that contradict each other',
      'rateLimit: { requestsPerMinute: 100, globalRequestsPerMinute: 60, burstSize: 50, perUserLimits: { a: 70, b: 10 } }',
      [
        ['rateLimit.requestsPerMinute', 'is more than globalRequestsPerMinute (60) lets all callers have together'],
        ['rateLimit.perUserLimits["***"]', 'is more than globalRequestsPerMinute (60) lets all callers have together'],
        ['rateLimit.perUserLimits["***"]', 'lets fewer calls through in a minute than rateLimit.burstSize (50)'],
      ],
    ],
    [
      'a minute of one caller that is shorter than the second of all',
      'rateLimit: { burstSize: 50, perUserLimits: { a: 10 } }',
      [['rateLimit.perUserLimits["***"]', 'lets fewer calls through in a minute than rateLimit.burstSize (50)']],
    ],
    [
      'a shared cache without a Redis',
      'cache: { backend: redis }',
      [['cache.backend', 'no Redis is named: set redis.url (or cache.redisUrl)']],
    ],
  ])('[S2] does not start with %s, and says each with its path and the reason', async (_what, config, faults) => {
    const installation = new Installation(config);
    const server = new ServerProcess([MAIN], { cwd: installation.folder });
    try {
      expect((await server.ended()).code).toBeGreaterThan(0);
      const told = server.stderr.split('\n').filter((line) => line.includes('(config/default.yaml:'));
      expect(told).toHaveLength(faults.length);
      for (const [path, reason] of faults) {
        const lines = told.filter((line) => line.includes(` ${path}: `));
        expect(lines.join('\n')).toContain(reason);
      }
    } finally {
      await server.stop();
      installation.remove();
    }
  });
});
