import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisCacheStoreFactory } from '../../src/adapters/redis/cache.js';
import { ToolCache, ToolCacheInterceptor, ToolCacheModule, type CacheStep } from '../../src/cache/index.js';
import { Call, CoreModule, NO_ARGUMENTS, Telemetry, type Policy, type Target } from '../../src/core/index.js';
import { freePort } from '../support/servers/free-port.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';

const TIMEOUT_MS = 100;
/** What the machine may take on top. */
const SLACK_MS = 400;

let server: RedisServer;
const processes: TestingModule[] = [];

beforeAll(async () => void (server = await startRedis()), 300_000);
afterAll(async () => await server.stop());
beforeEach(async () => await server.flush());
afterEach(async () => {
  await Promise.all(processes.splice(0).map((module) => module.close()));
});

/** One process of a server: a cached tool that says how often it ran. */
interface Process {
  readonly cache: ToolCache;
  readonly teams: Cache;
  readonly runs: () => number;
  call(input?: unknown): Promise<unknown>;
  counted(metric: string): Readonly<Record<string, number>>;
}

async function startProcess({
  url = server.url,
  policy = { cacheTtl: 60, cacheTags: ['t'] },
}: { url?: string; policy?: Policy } = {}): Promise<Process> {
  const options = { backend: 'redis', redisUrl: url, timeoutMs: TIMEOUT_MS } as const;
  const extras = { storeFactory: new RedisCacheStoreFactory(), redis: { keyPrefix: 'test:' } };
  const module = await Test.createTestingModule({
    imports: [CoreModule, ToolCacheModule.forRoot({ ...options, ...extras })],
  }).compile();
  module.useLogger(false);
  processes.push(module);
  await module.init();
  let runs = 0;
  const target = {
    kind: 'tool',
    name: 'echo',
    policy,
    origin: { type: Object, methodName: 'echo', handler: () => undefined },
    input: { jsonSchema: NO_ARGUMENTS, parse: (value: unknown) => ({ ok: true, value }) },
    body: () => undefined,
  } as Target;
  const step = module.get(ToolCacheInterceptor).prepare(target) as CacheStep;
  const body = async (as: Call): Promise<unknown> => {
    runs++;
    await new Promise((resolve) => setImmediate(resolve));
    return { echo: as.input, list: [null, 'é "q"', 1.5] };
  };
  return {
    cache: module.get(ToolCache),
    teams: module.get<Cache>(CACHE_MANAGER),
    runs: () => runs,
    call: async (input = {}) => {
      const call = new Call({ kind: 'tool', name: 'echo', input });
      call.bind(target, input);
      return await call.race(step(call, body));
    },
    counted: (metric) => {
      const samples = module
        .get(Telemetry)
        .samples()
        .filter(({ name }) => name === metric);
      return Object.fromEntries(
        samples
          .filter(({ value }) => value > 0)
          .map(({ labels, value }) => [labels['result'] ?? labels['reason'], value]),
      );
    },
  };
}

const kept = async ({ cache }: Process): Promise<void> =>
  await vi.waitFor(() => expect(cache.status().underWay).toBe(0), { interval: 5 });

/** Makes Redis answer everything that late, without losing a connection. */
async function pause(ms: number): Promise<void> {
  const redis = new Redis(server.url);
  await redis.call('CLIENT', 'PAUSE', String(ms), 'ALL');
  redis.disconnect();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Calls until one is a hit; how long that took. */
async function recovered(process: Process): Promise<number> {
  return await timed(async () => {
    await vi.waitFor(
      async () => {
        const before = process.runs();
        await process.call('recovered');
        await kept(process);
        expect(process.runs()).toBe(before);
      },
      { timeout: 10_000, interval: 50 },
    );
  });
}

describe('results in Redis', () => {
  it('[R3] are those of all processes', async () => {
    const [one, two] = [await startProcess(), await startProcess()];
    const made = await one.call({ a: 1, b: [2] });
    await kept(one);
    expect(await two.call({ b: [2], a: 1 })).toEqual(made);
    expect([one.runs(), two.runs()]).toEqual([1, 0]);
  });

  it.each([
    ['by tag', (cache: ToolCache) => cache.invalidate({ tags: ['t'] })],
    ['by tool', (cache: ToolCache) => cache.invalidate({ tool: 'echo' })],
    ['by all', (cache: ToolCache) => cache.clear()],
  ])('[R1] are removed for all processes %s', async (_how, remove) => {
    const [one, two] = [await startProcess(), await startProcess()];
    await one.call();
    await kept(one);
    await remove(two.cache);
    await one.call();
    await kept(one);
    await two.call();
    expect([one.runs(), two.runs()]).toEqual([2, 0]);
  });

  it('[R1] are over when their time is', async () => {
    const process = await startProcess({ policy: { cacheTtl: 1 } });
    await process.call();
    await kept(process);
    await process.call();
    expect(process.runs()).toBe(1);
    await vi.waitFor(async () => {
      await process.call();
      expect(process.runs()).toBe(2);
    }, 10_000);
  });

  it('[R2] are made once for 50 callers at once', async () => {
    const process = await startProcess();
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 50 }, () => process.call({ round })));
    }
    expect(process.runs()).toBe(20);
    expect(process.counted('rookery_cache_requests_total')).toEqual({ miss: 20, hit: 980 });
  });

  it('stand beside what a team keeps by the cache manager', async () => {
    const process = await startProcess();
    await process.teams.set('mine', { a: 1 });
    await process.call();
    await kept(process);
    await process.cache.clear();
    expect(await process.teams.get('mine')).toEqual({ a: 1 });
  });
});

describe('a Redis in trouble', () => {
  it('[R3] need not be there at the start', async () => {
    const process = await startProcess({ url: `redis://127.0.0.1:${await freePort()}` });
    expect(await timed(() => process.call())).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(process.runs()).toBe(1);
    expect(process.cache.status().available).toBe(false);
    expect(process.counted('rookery_cache_errors_total')).toMatchObject({ unreachable: 1 });
    expect(process.counted('rookery_cache_requests_total')).toEqual({ error: 1 });
  });

  it('[R3] frozen, costs no call more than its time, and few of them that; thawed, it is used again', async () => {
    const process = await startProcess();
    await process.call('before');
    server.freeze();
    try {
      expect(await timed(() => process.call('first'))).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      const each = await Promise.all(Array.from({ length: 50 }, (_, n) => timed(() => process.call(n))));
      expect(Math.max(...each)).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      expect(each.filter((ms) => ms >= TIMEOUT_MS).length).toBeLessThanOrEqual(1);
      expect(process.cache.status().available).toBe(false);
      expect(process.counted('rookery_cache_errors_total')).toMatchObject({ timeout: expect.any(Number) as number });
      await expect(process.cache.clear()).rejects.toMatchObject({ code: 'overloaded', details: { retryAfter: 1 } });
    } finally {
      server.thaw();
    }
    expect(await recovered(process)).toBeLessThan(5_000);
    expect(process.cache.status().available).toBe(true);
  });

  it('[R3] killed under load fails no call; restarted, it is used again', async () => {
    const process = await startProcess();
    const loading = new AbortController();
    let slowest = 0;
    const load = Array.from({ length: 10 }, async (_, client) => {
      for (let n = 0; !loading.signal.aborted; n++)
        slowest = Math.max(slowest, await timed(() => process.call({ client, n: n % 5 })));
    });
    await vi.waitFor(() => expect(process.counted('rookery_cache_requests_total')['hit']).toBeGreaterThan(50));
    await server.kill();
    const before = process.runs();
    await vi.waitFor(() => expect(process.runs()).toBeGreaterThan(before + 100));
    await server.restart();
    const took = await recovered(process);
    loading.abort();
    await Promise.all(load);
    expect(took).toBeLessThan(5_000);
    expect(process.counted('rookery_cache_requests_total')['error']).toBeGreaterThan(0);
    expect(slowest).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });

  it('[R3] slow, costs few calls their time; quick again, it is used again', async () => {
    const process = await startProcess();
    await process.call('before');
    await kept(process);
    await pause(1_500);
    const each: number[] = [];
    for (let n = 0; n < 100; n++) each.push(await timed(() => process.call(n)));
    expect(Math.max(...each)).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(each.filter((ms) => ms >= TIMEOUT_MS).length).toBeLessThanOrEqual(2);
    expect(await recovered(process)).toBeLessThan(5_000);
  });

  it('[R3] frozen, does not hold up the end of the server', async () => {
    const process = await startProcess();
    await process.call('before');
    server.freeze();
    try {
      await process.call('after');
      expect(await timed(async () => await processes.pop()?.close())).toBeLessThan(3_000);
    } finally {
      server.thaw();
    }
  });

  it('[R3] misses the manager of a team too, and soon', async () => {
    const { teams } = await startProcess({ url: `redis://127.0.0.1:${await freePort()}` });
    const took = await timed(async () => {
      await teams.set('a', 1);
      expect(await teams.get('a')).toBeUndefined();
    });
    expect(took).toBeLessThan(SLACK_MS);
  });
});
