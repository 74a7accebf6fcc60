import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  RedisAttemptLimiter,
  RedisChangeBus,
  RedisSingleUseMarks,
  describeAttemptLimiter,
  describeChangeBus,
  describeSingleUseMarks,
  openRedis,
  redisOptions,
  type RedisConnection,
} from '../../src/adapters/index.js';
import { InMemoryTelemetry, type ServerChange } from '../../src/core/index.js';
import { freePort } from '../support/servers/free-port.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';

beforeAll(() => Logger.overrideLogger(false));

const runner = { describe, it, expect, beforeEach };
const COMMAND_MS = 300;
/** What the machine may take on top. */
const SLACK_MS = 700;
/** What ioredis says when there is no connection, or no answer. */
const UNREACHABLE = /writeable|closed|timed out|max retries/i;

let server: RedisServer;
let telemetry: InMemoryTelemetry;
const opened: { onApplicationShutdown(): void }[] = [];

beforeAll(async () => void (server = await startRedis()), 300_000);
afterAll(async () => await server.stop());
beforeEach(async () => {
  telemetry = new InMemoryTelemetry();
  await server.flush();
});
afterEach(() => {
  for (const connection of opened.splice(0)) connection.onApplicationShutdown();
});

const settings = { ...redisOptions.parse({ commandTimeoutMs: COMMAND_MS, connectTimeoutMs: COMMAND_MS }) };

async function connect(url = server.url, keyPrefix = 'test:'): Promise<RedisConnection> {
  const connection = await openRedis(url, { ...settings, keyPrefix }, telemetry);
  opened.push(connection);
  return connection;
}

async function newBus(connection?: RedisConnection): Promise<RedisChangeBus> {
  const bus = new RedisChangeBus(connection ?? (await connect()), telemetry);
  await bus.onApplicationBootstrap();
  return bus;
}

function counted(name: string): number {
  const samples = telemetry.samples().filter((sample) => sample.name === name);
  return samples.reduce((sum, { value }) => sum + value, 0);
}

const listening = async (number: number): Promise<void> => {
  const connection = await connect();
  await vi.waitFor(async () => {
    const [, subscribers] = await connection.run(async (redis) => await redis.pubsub('NUMSUB', 'test:changes'));
    expect(subscribers).toBe(number);
  });
};

describe('marks in Redis', () => {
  const make = async (): Promise<RedisSingleUseMarks> => new RedisSingleUseMarks(await connect());
  const pass = async (ms: number): Promise<void> => await new Promise((resolve) => void setTimeout(resolve, ms));
  describeSingleUseMarks(runner, make, pass, make);

  it('refuse a claim that Redis cannot be asked about', async () => {
    const marks = new RedisSingleUseMarks(await connect(`redis://127.0.0.1:${await freePort()}`));
    await expect(marks.claim('a', 1_000)).rejects.toThrow(UNREACHABLE);
  });
});

describe('failed attempts in Redis', () => {
  const make = async (limits: { maxPerMinute: number; maxAddresses: number }): Promise<RedisAttemptLimiter> =>
    // What is counted together is tested, not how soon a busy machine says so.
    new RedisAttemptLimiter(await connect(), limits, telemetry, 2_000);
  describeAttemptLimiter(runner, make, make);

  it('are counted by each process when Redis is away, so that nobody is let through unlimited', async () => {
    const away = await connect(`redis://127.0.0.1:${await freePort()}`);
    const limiter = new RedisAttemptLimiter(away, { maxPerMinute: 2, maxAddresses: 4 }, telemetry);
    await limiter.failed('192.0.2.1');
    expect(await limiter.waitMs('192.0.2.1')).toBe(0);
    await limiter.failed('192.0.2.1');
    expect(await limiter.waitMs('192.0.2.1')).toBeGreaterThan(50_000);
    expect(counted('rookery_attempt_limits_local_total')).toBe(4);
  });

  it('are judged by this process when Redis takes longer than a caller is kept waiting, however long commands may take', async () => {
    const patient = await openRedis(
      server.url,
      { ...settings, commandTimeoutMs: 30_000, keyPrefix: 'test:' },
      telemetry,
    );
    opened.push(patient);
    const limiter = new RedisAttemptLimiter(patient, { maxPerMinute: 1, maxAddresses: 4 }, telemetry);
    await limiter.failed('192.0.2.1');
    server.freeze();
    try {
      expect(await limiter.waitMs('192.0.2.1')).toBeGreaterThan(50_000);
      const waits: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const begun = performance.now();
        expect(await limiter.waitMs('192.0.2.2')).toBe(0);
        waits.push(performance.now() - begun);
      }
      // Also a call without any time is answered within 100 ms of its deadline. Other tests run at the same time.
      expect(Math.min(...waits)).toBeLessThan(100);
    } finally {
      server.thaw();
    }
    expect(counted('rookery_attempt_limits_local_total')).toBe(6);
  });

  it('leave nothing in Redis after their minute', async () => {
    const connection = await connect();
    const limiter = new RedisAttemptLimiter(connection, { maxPerMinute: 2, maxAddresses: 1 }, telemetry);
    await limiter.failed('192.0.2.1');
    await limiter.failed('192.0.2.2');
    const lifetimes = await connection.run(async (redis) => {
      const keys = await redis.keys('*');
      return await Promise.all(keys.map(async (key) => await redis.pttl(key.slice('test:'.length))));
    });
    expect(lifetimes).toHaveLength(3);
    for (const lifetime of lifetimes) expect(lifetime > 0 && lifetime <= 60_000).toBe(true);
  });
});

describe('[R9] changes over Redis', () => {
  describeChangeBus(
    runner,
    async () => await newBus(),
    async () => {
      const bus = await newBus();
      await listening(2);
      return bus;
    },
  );

  it('do not reach servers that share the Redis under another prefix', async () => {
    const [bus, other] = [await newBus(), await newBus(await connect(server.url, 'other:'))];
    const same = await newBus();
    await listening(2);
    const heard: string[] = [];
    other.subscribe(({ kind }) => void heard.push(`other ${kind}`));
    const arrived = new Promise<void>((resolve) => void same.subscribe(() => resolve()));
    bus.publish({ kind: 'tools' });
    await arrived;
    expect(heard).toEqual([]);
  });

  it('are passed over and counted when they cannot be read', async () => {
    const bus = await newBus();
    await listening(1);
    const heard: ServerChange[] = [];
    bus.subscribe((change) => void heard.push(change));
    const strange = ['', '{', '{"from":"x"}', '{"from":"x","change":{"kind":"resource"}}', '[]'];
    const connection = await connect();
    for (const text of strange) await connection.run(async (redis) => await redis.publish('test:changes', text));
    await vi.waitFor(() => expect(counted('rookery_changes_lost_total')).toBe(strange.length));
    expect(heard).toEqual([]);
  });

  it('are all taken to have happened by a process that was cut off, once it is back', async () => {
    const [bus, other] = [await newBus(), await newBus()];
    await listening(2);
    const heard: string[] = [];
    other.subscribe((change) => void heard.push(change.kind));
    await server.kill();
    bus.publish({ kind: 'tools' });
    await vi.waitFor(() => expect(counted('rookery_changes_lost_total')).toBe(1));
    expect(heard).toEqual([]);
    await server.restart();
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(['prompts', 'resources', 'tools']), 5_000);
    await listening(2);
    // What publishes has a connection of its own, which may come back later than those that listen.
    await vi.waitFor(() => {
      bus.publish({ kind: 'task', taskId: 'a' });
      expect(heard).toContain('task');
    }, 5_000);
  });
});

describe('a connection to Redis', () => {
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const begun = performance.now();
    await expect(work()).rejects.toThrow(UNREACHABLE);
    return performance.now() - begun;
  };

  it('keeps its keys under its prefix, scripts included', async () => {
    const connection = await connect();
    await new RedisSingleUseMarks(connection).claim('a', 60_000);
    await new RedisAttemptLimiter(connection, { maxPerMinute: 2, maxAddresses: 9 }, telemetry).failed('192.0.2.1');
    const keys = await connection.run(async (redis) => await redis.keys('*'));
    expect(keys.toSorted()).toEqual(['test:attempts', 'test:attempts:client:192.0.2.1', 'test:mark:a']);
  });

  it('begins without its Redis, fails at once, counts it, and is there once Redis is', async () => {
    const own = await startRedis();
    await own.kill();
    const connection = await connect(own.url);
    expect(connection.ready).toBe(false);
    expect(await timed(async () => await connection.check())).toBeLessThan(SLACK_MS);
    expect(counted('rookery_redis_errors_total')).toBeGreaterThan(1);
    await own.restart();
    await vi.waitFor(async () => await connection.check(), 2_000);
    expect(connection.ready).toBe(true);
    await own.stop();
  });

  it('fails within the time when Redis is frozen, and is back within a second when it goes on', async () => {
    const connection = await connect();
    await connection.check();
    server.freeze();
    try {
      const waits = await Promise.all([1, 2, 3].map(async () => await timed(async () => await connection.check())));
      for (const wait of waits) expect(wait).toBeLessThan(COMMAND_MS + SLACK_MS);
      // The socket is given up; connecting to it anew meets silence as well.
      await vi.waitFor(() => expect(connection.ready).toBe(false), 3_000);
      expect(await timed(async () => await connection.check())).toBeLessThan(COMMAND_MS + SLACK_MS);
      expect(counted('rookery_redis_errors_total')).toBeGreaterThan(3);
    } finally {
      server.thaw();
    }
    await vi.waitFor(async () => await connection.check(), 2_000);
  });

  it('does nothing twice when Redis is restarted under load', async () => {
    const connection = await connect();
    await connection.check();
    const claims = Promise.allSettled(
      Array.from({ length: 200 }, async (_, index) => await connection.run(async (r) => await r.incr(`n${index}`))),
    );
    await server.kill();
    await claims;
    await server.restart();
    await vi.waitFor(async () => await connection.check(), 2_000);
    const left = await connection.run(async (redis) => await redis.dbsize());
    expect(left).toBe(0);
  });

  it('refuses a wrong password without showing it', async () => {
    const own = await startRedis({ password: 'right-password' });
    const good = await connect(own.url);
    await good.check();
    const bad = await connect(own.url.replace('right', 'wrong'));
    const failure: unknown = await bad.check().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).not.toContain('password-');
    expect(String(failure)).not.toContain('wrong-password');
    await own.stop();
  });

  it('ends with the application', async () => {
    const connection = await connect();
    await connection.check();
    connection.onApplicationShutdown();
    await expect(connection.check()).rejects.toThrow(UNREACHABLE);
  });
});
