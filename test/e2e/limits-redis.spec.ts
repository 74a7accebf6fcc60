import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedis, redisOptions, type RedisConnection } from '../../src/adapters/index.js';
import { RedisLimitStore } from '../../src/adapters/redis/limits/redis-limit-store.js';
import { Call, CoreModule, InMemoryTelemetry, Telemetry, type Target } from '../../src/core/index.js';
import { RateLimitGuard, ResilienceModule, ResilienceStatus, type LimitRequest } from '../../src/resilience/index.js';
import { describeLimitStore } from '../../src/resilience/limits/limit-store.contract.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';

const CLIENT = 'dist-test/test/e2e/support/limit-client.js';
const PROCESSES = 4;
const CALLS = 100_000;

const run = promisify(execFile);

let server: RedisServer;
let redis: Redis;
const connections: RedisConnection[] = [];

const connect = async (): Promise<RedisConnection> => {
  const options = redisOptions.parse({ commandTimeoutMs: 2_000 });
  const connection = await openRedis(server.url, options, new InMemoryTelemetry());
  connections.push(connection);
  return connection;
};
const makeStore = async (): Promise<RedisLimitStore> => new RedisLimitStore(await connect());

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  redis.on('error', () => undefined);
});

afterEach(() => {
  for (const connection of connections.splice(0)) connection.onApplicationShutdown();
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe('limits in Redis', () => {
  beforeEach(async () => server.flush());

  describeLimitStore({ describe, it, beforeEach, expect }, makeStore, (ms) => sleep(ms + 2), makeStore);

  it('[R4] takes one round trip for all limits of a call', async () => {
    const store = await makeStore();
    const requests = ['a', 'b', 'c'].map((key): LimitRequest => ({
      key,
      rules: [
        { limit: 100, windowMs: 60_000 },
        { limit: 20, windowMs: 1_000 },
      ],
    }));
    await store.take(requests);
    await redis.config('RESETSTAT');
    for (let call = 0; call < 10; call++) await store.take(requests);
    const stats = await redis.info('commandstats');
    expect(stats).toContain('cmdstat_evalsha:calls=10,');
    // What the script itself does is counted by Redis as well; anything else would have been sent.
    const commands = [...stats.matchAll(/cmdstat_([a-z|]+):/g)]
      .map(([, name = '']) => name)
      .toSorted((a, b) => (a < b ? -1 : 1));
    expect(commands.filter((name) => !name.startsWith('config'))).toEqual(
      ['evalsha', 'info', 'lindex', 'ltrim', 'pexpire', 'rpush', 'time'].filter((name) => commands.includes(name)),
    );
  });

  it('decides calls of one turn together, each for itself', async () => {
    const store = await makeStore();
    const few: LimitRequest = { key: 'few', rules: [{ limit: 3, windowMs: 60_000 }] };
    const each = (n: number): LimitRequest => ({ key: `each-${n}`, rules: [{ limit: 1, windowMs: 1_000 }] });
    await store.take([few]);
    await redis.config('RESETSTAT');
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, (_, n) => store.take(n % 2 === 0 ? [each(n), few] : [each(n)])),
    );
    expect(verdicts.flatMap(({ allowed }, n) => (allowed && n % 2 === 0 ? [n] : []))).toEqual([0, 2]);
    expect(verdicts.filter(({ allowed }, n) => allowed && n % 2 === 1)).toHaveLength(50);
    expect(verdicts[4]).toMatchObject({ allowed: false, request: 1, rule: 0 });
    expect(await redis.info('commandstats')).toContain('cmdstat_evalsha:calls=2,');
    // Who was refused was counted nowhere.
    expect(await store.take([each(4)])).toEqual({ allowed: true });
    expect(await store.take([each(2)])).toMatchObject({ allowed: false, request: 0 });
  });

  it('leaves nothing behind once the longest window has passed', async () => {
    const store = await makeStore();
    await store.take([
      {
        key: 'a',
        rules: [
          { limit: 5, windowMs: 1_000 },
          { limit: 2, windowMs: 50 },
        ],
      },
    ]);
    expect(await redis.keys('*')).toEqual(['rookery:limit:a']);
    await expect.poll(async () => redis.keys('*'), { interval: 20, timeout: 10_000 }).toEqual([]);
  });

  it('keeps no more times than the largest limit', async () => {
    const store = await makeStore();
    const window = [{ key: 'a', rules: [{ limit: 3, windowMs: 30 }] }];
    for (let round = 0; round < 4; round++) {
      for (let call = 0; call < 3; call++) await store.take(window);
      await sleep(32);
    }
    await store.take(window);
    expect(await redis.llen('rookery:limit:a')).toBeLessThanOrEqual(3);
  });

  it('recovers from a clock that was set back', async () => {
    const store = await makeStore();
    const limit = [{ key: 'a', rules: [{ limit: 2, windowMs: 60_000 }] }];
    const ahead = (Date.now() + 3_600_000) * 1_000;
    await redis.rpush('rookery:limit:a', ahead, ahead);
    const allowed = [await store.take(limit), await store.take(limit), await store.take(limit)];
    expect(allowed.map((verdict) => verdict.allowed)).toEqual([true, true, false]);
  });
});

/** What clients made of their calls. */
interface Tally {
  readonly made: number;
  readonly allowed: number;
}

describe(`limits of ${PROCESSES} processes and ${CALLS} calls`, { timeout: 120_000 }, () => {
  beforeEach(async () => server.flush());

  /** All make their share of the calls; they go on until the time has passed, too. */
  const callFromAll = async (requests: readonly LimitRequest[], leastMs = 0): Promise<Tally> => {
    const args = [CLIENT, server.url, String(CALLS / PROCESSES), '50', JSON.stringify(requests), String(leastMs)];
    const clients = Array.from({ length: PROCESSES }, () => run(process.execPath, args));
    const tallies = (await Promise.all(clients)).map(({ stdout }) => JSON.parse(stdout) as Tally);
    return {
      made: tallies.reduce((sum, { made }) => sum + made, 0),
      allowed: tallies.reduce((sum, { allowed }) => sum + allowed, 0),
    };
  };

  it('[R4] are exact when all calls fall into one window', async () => {
    const hour = 3_600_000;
    const requests = [
      { key: 'global', rules: [{ limit: 30_000, windowMs: hour }] },
      { key: 'principal', rules: [{ limit: 20_000, windowMs: hour }] },
      { key: 'target', rules: [{ limit: 10_007, windowMs: hour }] },
    ];
    expect(await callFromAll(requests)).toEqual({ made: CALLS, allowed: 10_007 });
    expect(await redis.llen('rookery:limit:global')).toBe(10_007);
  });

  it('[R4] are exact in every window while it slides', async () => {
    const [limit, windowMs, leastWindows] = [50, 250, 8];
    // The second request refuses nothing: it has Redis write down when each call was allowed.
    const requests = [
      { key: 'sliding', rules: [{ limit, windowMs }] },
      { key: 'log', rules: [{ limit: CALLS, windowMs: 3_600_000 }] },
    ];
    const begun = performance.now();
    const { made, allowed } = await callFromAll(requests, leastWindows * windowMs);
    const tookMs = performance.now() - begun;
    const times = (await redis.lrange('rookery:limit:log', 0, -1)).map(Number);
    expect(times).toHaveLength(allowed);
    // One more than the limit is always at least a window away.
    const tooClose = times.filter((time, at) => at >= limit && time - (times[at - limit] ?? 0) < windowMs * 1_000);
    expect(tooClose).toEqual([]);
    // And windows are used up: many more calls come than are let through, unless the machine stalls for a while.
    const windows = (Number(times.at(-1)) - Number(times[0])) / 1_000 / windowMs;
    expect(made).toBeGreaterThanOrEqual(CALLS);
    expect(windows).toBeGreaterThan(3);
    expect(allowed).toBeGreaterThan(0.8 * Math.floor(windows) * limit);
    process.stdout.write(`${made} calls of ${PROCESSES} processes in ${Math.round(tookMs)} ms, ${allowed} allowed\n`);
  });
});

class Tools {
  search(): string {
    return 'found';
  }
}

describe('limits while Redis is away', () => {
  const target = {
    kind: 'tool',
    name: 'search',
    policy: { rateLimit: 3 },
    origin: { type: Tools, methodName: 'search', handler: () => 'found' },
    input: { jsonSchema: {}, parse: (value: unknown) => ({ ok: true, value }) },
    body: () => undefined,
  } as unknown as Target;
  let module: TestingModule;

  const start = async (onStoreFailure: 'local' | 'allow' | 'refuse'): Promise<() => Promise<string>> => {
    await server.flush();
    module = await Test.createTestingModule({
      imports: [
        CoreModule,
        ResilienceModule.forRoot({
          rateLimit: { onStoreFailure, storeTimeoutMs: 100 },
          limitStore: { useFactory: makeStore },
        }),
      ],
    }).compile();
    module.useLogger(false);
    await module.init();
    const check = module.get(RateLimitGuard).prepare(target);
    return async () => {
      const call = new Call({ kind: 'tool', name: 'search', input: {}, remoteAddress: '192.0.2.1' });
      call.bind(target, {});
      const begun = performance.now();
      try {
        await check?.(call);
        return 'ok';
      } catch (thrown) {
        return (thrown as { code: string }).code;
      } finally {
        expect(performance.now() - begun).toBeLessThan(1_000);
      }
    };
  };
  const failures = (): number | undefined =>
    module
      .get(Telemetry)
      .samples()
      .find(({ name }) => name === 'rookery_limit_store_failures_total')?.value;
  const stateOf = (): string | undefined => module.get(ResilienceStatus).breakers()[0]?.state;

  afterEach(async () => module.close());

  it.each([
    ['local', ['ok', 'ok', 'ok', 'rate_limited']],
    ['allow', ['ok', 'ok', 'ok', 'ok']],
    ['refuse', ['overloaded', 'overloaded', 'overloaded', 'overloaded']],
  ] as const)(
    '[R4] frozen, with onStoreFailure %s: answers in time, is counted, and goes back to Redis',
    async (reaction, ends) => {
      const call = await start(reaction);
      expect(await call()).toBe('ok');
      server.freeze();
      try {
        const seen = [await call(), await call(), await call(), await call()];
        expect([seen, failures(), stateOf()]).toEqual([ends, 4, 'open']);
      } finally {
        server.thaw();
      }
      await expect.poll(async () => [await call(), stateOf()][1], { interval: 100, timeout: 5_000 }).toBe('closed');
      await expect.poll(call, { interval: 10, timeout: 5_000 }).toBe('rate_limited');
      const counted = failures();
      expect([await call(), failures()]).toEqual(['rate_limited', counted]);
    },
  );

  it('[R4] killed and started again: works on, and limits by Redis again within seconds', async () => {
    const call = await start('allow');
    await call();
    await server.kill();
    expect([await call(), await call(), await call(), await call()]).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(failures()).toBe(4);
    await server.restart();
    await expect.poll(call, { interval: 50, timeout: 5_000 }).toBe('rate_limited');
    expect(stateOf()).toBe('closed');
  });
});
