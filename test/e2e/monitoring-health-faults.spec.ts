import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RedisCacheStoreFactory } from '../../src/adapters/index.js';
import { AdaptersModule } from '../../src/adapters/index.js';
import { AuditModule, Call, Caller, NodesModule, ToolCacheModule } from '../../src/index.js';
import { startLlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { openAiWire } from '../support/llm/openai-wire.js';
import { freePort } from '../support/servers/free-port.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { SmallDisk } from './support/audit-small-disk.js';
import { SLACK_MS, TIMEOUT_MS, levelOf, serveHealth, type HealthServer } from './support/health-server.js';

const open: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.stop();
});

const serve = async (...args: Parameters<typeof serveHealth>): Promise<HealthServer> => {
  const server = await serveHealth(...args);
  open.push(server);
  return server;
};

describe('health while Redis is away', () => {
  let redis: RedisServer;
  beforeAll(async () => void (redis = await startRedis()), 300_000);
  afterAll(() => redis.stop());

  it('[R3] [O2] answers in time, degraded and ready, and is well when Redis is back', async () => {
    const options = { url: redis.url, commandTimeoutMs: 100, connectTimeoutMs: 100 };
    const served = await serve(
      {},
      {
        imports: [
          AdaptersModule.forRoot({ redis: options, store: { url: 'memory:' } }),
          ToolCacheModule.forRoot({
            backend: 'redis',
            timeoutMs: 50,
            redis: { url: redis.url },
            storeFactory: new RedisCacheStoreFactory(),
          }),
        ],
      },
    );
    // Each back end has a few milliseconds, which the first answer may take.
    await expect.poll(async () => (await served.ask()).status, { timeout: 15_000 }).toBe('ok');
    expect(await served.ask()).toMatchObject({
      status: 'ok',
      details: { redis: { status: 'up' }, cache: { status: 'up', details: { backend: 'shared' } } },
    });
    for (const fail of [() => Promise.resolve(redis.freeze()), () => redis.kill()]) {
      await fail();
      await expect.poll(async () => (await served.ask()).details['cache']?.status).toBe('degraded');
      const { http, status, details, tookMs } = await served.ask();
      expect({ http, status }).toEqual({ http: 200, status: 'degraded' });
      expect(details['redis']).toMatchObject({ status: 'degraded', critical: false });
      expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      expect(levelOf(served, 'redis')).toBe(1);
    }
    await redis.restart();
    await expect.poll(async () => (await served.ask()).status, { timeout: 15_000 }).toBe('ok');
  });
});

describe('health while the store is away', () => {
  it('[O2] is not ready, and live', async () => {
    const url = `postgres://somebody:hidden-word@127.0.0.1:${await freePort()}/nothing`;
    const { ask } = await serve({}, { imports: [AdaptersModule.forRoot({ store: { url } })] });
    const { http, details, tookMs } = await ask();
    expect(http).toBe(503);
    expect(details['store']).toMatchObject({ status: 'down', critical: true });
    expect(JSON.stringify(details)).not.toContain('hidden-word');
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(await ask('/health/live')).toMatchObject({ http: 200 });
  });

  it('[O2] is up with one that answers, degraded with another that does not, before anybody has asked for them', async () => {
    const home = mkdtempSync(join(tmpdir(), 'rookery-store-'));
    const sales = `postgres://somebody:hidden-word@127.0.0.1:${await freePort()}/nothing`;
    const store = { url: `file:${join(home, 'store.db')}`, connections: { sales } };
    const { ask } = await serve({ health: { timeoutMs: 5_000 } }, { imports: [AdaptersModule.forRoot({ store })] });
    const { http, status, details } = await ask();
    expect({ http, status }).toEqual({ http: 200, status: 'degraded' });
    expect(details['store']).toMatchObject({ status: 'up', critical: true, details: { dialect: 'libsql' } });
    expect(details['database:sales']).toMatchObject({ status: 'degraded', critical: false });
    expect(JSON.stringify(details)).not.toContain('hidden-word');
    await open.pop()?.stop();
    rmSync(home, { recursive: true, force: true });
  });
});

describe('health and providers of language models', () => {
  it('[O2] is degraded, and ready, while one does not answer', async () => {
    const [there, mute] = await Promise.all([
      startLlmServer(ollamaWire),
      startLlmServer(openAiWire, 'sk-the-right-key'),
    ]);
    open.push(there, mute);
    const providers = {
      local: { type: 'ollama', baseUrl: there.origin },
      gpt: { type: 'openai', baseUrl: `${mute.origin}/v1`, apiKey: 'sk-another-key-0123456789' },
    } as const;
    const { ask } = await serve(
      { health: { timeoutMs: 5_000 } },
      { imports: [NodesModule.forRoot({ ai: { providers } })] },
    );
    const { http, status, details } = await ask();
    expect({ http, status }).toEqual({ http: 200, status: 'degraded' });
    expect(details['llm:local']).toMatchObject({ status: 'up', critical: false });
    expect(details['llm:gpt']).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining("refuses the server's credential") as string,
    });
    expect(JSON.stringify(details)).not.toContain('sk-another');
    await there.stop();
    open.splice(open.indexOf(there), 1);
    expect((await ask()).details['llm:local']).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('cannot be reached') as string,
    });
  });
});

describe('health on a full disk', () => {
  it('[O2] answers in time: not ready while calls cannot be recorded, ready again when there is room', async () => {
    const home = mkdtempSync(join(tmpdir(), 'rookery-disk-'));
    const disk = new SmallDisk(join(home, 'disk'));
    try {
      const audit = {
        mode: 'strict',
        maxWaitMs: 2_000,
        sinks: [{ type: 'file', path: disk.path('audit.jsonl') }],
      } as const;
      const served = await serve(
        {
          health: {
            healthCheckInterval: 0,
            timeoutMs: TIMEOUT_MS,
            disk: { paths: [disk.folder], minFreeBytes: 1_024 },
          },
        },
        { imports: [AuditModule.forRoot({ ...audit, sinks: [...audit.sinks] })] },
      );
      await served.server.registerTool({ name: 'work', description: 'Works.' }, () => 'x'.repeat(1_000));
      expect(await served.ask()).toMatchObject({
        http: 200,
        details: { audit: { status: 'up' }, disk: { status: 'up' } },
      });
      const caller = served.app.get(Caller);
      const call = async (): Promise<string> =>
        (await caller.call(new Call({ kind: 'tool', name: 'work', input: {} }))).code;
      for (let n = 0; n < 10_000 && (await call()) === 'ok'; n++);
      const { http, details, tookMs } = await served.ask();
      expect(http).toBe(503);
      expect(details['audit']).toMatchObject({ status: 'down', critical: true });
      expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      expect(await served.ask('/health/live')).toMatchObject({ http: 200 });
      disk.makeRoom();
      await expect.poll(async () => (await served.ask('/health/ready')).http, { timeout: 15_000 }).toBe(200);
      await open.pop()?.stop();
    } finally {
      disk.makeRoom();
      disk.remove();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
