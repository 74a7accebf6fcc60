import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRedis, redisOptions, type RedisConnection } from '../../src/adapters/index.js';
import { RedisSlotStore } from '../../src/adapters/redis/slots/redis-slot-store.js';
import { CLAIM } from '../../src/adapters/redis/slots/slot-script.js';
import { InMemoryTelemetry } from '../../src/core/index.js';
import type { SlotNews } from '../../src/resilience/index.js';
import { describeSlotStore } from '../../src/resilience/concurrency/slot-store.contract.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';

/** Conditions are waited for as long as a machine may need that does other things meanwhile. */
const EVENTUALLY = { timeout: 10_000 };

const LEASE_MS = 1_500;
const CHANNEL = 'test:slots';

let server: RedisServer;
let redis: Redis;
const connections: RedisConnection[] = [];
const telemetries: InMemoryTelemetry[] = [];

const connect = async (telemetry = new InMemoryTelemetry()): Promise<RedisConnection> => {
  const options = redisOptions.parse({ commandTimeoutMs: 2_000, keyPrefix: 'test:' });
  const connection = await openRedis(server.url, options, telemetry);
  connections.push(connection);
  return connection;
};

const listeners = async (): Promise<number> => Number((await redis.pubsub('NUMSUB', CHANNEL))[1]);

/** A store of another process, which hears what is said. */
const makeStore = async (leaseMs = LEASE_MS): Promise<RedisSlotStore> => {
  const telemetry = new InMemoryTelemetry();
  const store = new RedisSlotStore(await connect(telemetry), telemetry, { leaseMs });
  const before = await listeners();
  await store.onApplicationBootstrap();
  telemetries.push(telemetry);
  await expect.poll(listeners, EVENTUALLY).toBe(before + 1);
  return store;
};

const strange = (): readonly number[] =>
  telemetries.map(
    (telemetry) => telemetry.samples().find(({ name }) => name === 'rookery_slot_messages_strange_total')?.value ?? 0,
  );

/** Messages arrive in order: what can be counted arrives after everything that was said before. */
const heard = async (): Promise<void> => {
  const expected = strange().map((count) => count + 1);
  await redis.publish(CHANNEL, 'the last one');
  await expect.poll(strange, { interval: 5, ...EVENTUALLY }).toEqual(expected);
};

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  redis.on('error', () => undefined);
}, 300_000);

beforeEach(async () => await server.flush());

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.onApplicationShutdown();
  telemetries.splice(0);
  await vi.waitUntil(async () => (await listeners()) === 0, EVENTUALLY);
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe('slots in Redis', () => {
  describeSlotStore(
    { describe, it, expect, beforeEach },
    () => makeStore(),
    (ms) => sleep(ms),
    heard,
  );

  it('are claimed in one round trip, of however many limits', async () => {
    const store = await makeStore();
    const claims = Array.from({ length: 20 }, (_, n) => ({ name: `tool:${n}`, part: 0, max: 2, held: 0, wanted: 1 }));
    await store.claim(claims);
    await redis.config('RESETSTAT');
    await store.claim(claims.map((claim) => ({ ...claim, held: 1, wanted: 0 })));
    const stats = await redis.info('commandstats');
    expect(stats).toContain('cmdstat_evalsha:calls=1,');
    const sent = [...stats.matchAll(/cmdstat_([a-z|]+):/g)].map(([, name = '']) => name);
    expect(sent.filter((name) => !['config|resetstat', 'info', 'ping'].includes(name)).toSorted()).toEqual([
      'evalsha',
      'hget',
      'hgetall',
      'hset',
      'pexpire',
      'time',
    ]);
  });

  it('leave nothing behind when their leases are over, and lie under the prefix by names that are told apart', async () => {
    const store = await makeStore(1_500);
    const names = ['tool:a', 'tool:a b', 'tool:a%20b', 'resource:note://{id}'];
    await store.claim(names.map((name) => ({ name, part: 0, max: 1, held: 0, wanted: 1 })));
    expect((await redis.keys('*')).toSorted()).toEqual([
      'test:slots:resource%3Anote%3A%2F%2F%7Bid%7D',
      'test:slots:tool%3Aa',
      'test:slots:tool%3Aa%20b',
      'test:slots:tool%3Aa%2520b',
    ]);
    await expect.poll(async () => await redis.keys('*'), { interval: 20, timeout: 5_000 }).toEqual([]);
  });

  it('are not changed by a claim that arrives after a later one', async () => {
    const connection = await connect();
    const claim = async (number: number, held: number): Promise<unknown> =>
      await connection.run(
        async (client) => await CLAIM.run(client, ['slots:x'], ['one', LEASE_MS, number, CHANNEL, 'x', 0, 2, held, 0]),
      );
    const store = await makeStore();
    await claim(7, 2);
    await claim(6, 0);
    expect(await store.claim([{ name: 'x', part: 0, max: 2, held: 0, wanted: 1 }])).toMatchObject([{ granted: 0 }]);
    await claim(8, 0);
    // Nothing is held any more, and that it is not is remembered as well.
    await claim(7, 2);
    expect(await store.claim([{ name: 'x', part: 0, max: 2, held: 0, wanted: 1 }])).toMatchObject([{ granted: 1 }]);
  });

  it('are not disturbed by strange messages, which are counted', async () => {
    const store = await makeStore();
    const news: SlotNews[] = [];
    store.listen((one) => void news.push(one));
    await store.claim([{ name: 'x', part: 0, max: 1, held: 0, wanted: 1 }]);
    const messages = [
      '',
      '{',
      '[]',
      '{"kind":"freed","name":"x"}',
      '{"kind":"wanted","from":"y","name":"x"}',
      '{"kind":"wanted","from":"y","name":"x","keep":-1}',
      '{"kind":"back","from":"y"}',
    ];
    for (const message of messages) await redis.publish(CHANNEL, message);
    await redis.publish(CHANNEL, '{"kind":"freed","from":"y","name":"of nobody here"}');
    await redis.publish(CHANNEL, '{"kind":"freed","from":"y","name":"x"}');
    await heard();
    expect(strange()).toEqual([messages.length + 1]);
    expect(news.map(({ kind }) => kind)).toEqual(['freed']);
  });

  it('are claimed anew when Redis is back', async () => {
    const store = await makeStore();
    const telemetry = new InMemoryTelemetry();
    // Whether or not the connection for messages is there.
    const deaf = new RedisSlotStore(await connect(telemetry), telemetry);
    const news: SlotNews[] = [];
    const told: SlotNews[] = [];
    store.listen((one) => void news.push(one));
    deaf.listen((one) => void told.push(one));
    await server.kill();
    await expect(store.claim([])).rejects.toThrow(/writeable|closed|max retries/i);
    await server.restart();
    await expect.poll(() => news, { timeout: 10_000 }).toContainEqual({ kind: 'back' });
    await expect.poll(() => told, { timeout: 10_000 }).toEqual([{ kind: 'back' }]);
    await expect.poll(listeners, { timeout: 10_000 }).toBe(1);
    expect(await store.claim([])).toEqual([]);
  });
});
