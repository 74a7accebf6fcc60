import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRedis, redisOptions, type RedisConnection } from '../../src/adapters/index.js';
import { RedisSharedBreakers } from '../../src/adapters/redis/breakers/redis-shared-breakers.js';
import { InMemoryTelemetry } from '../../src/core/index.js';
import type { BreakerReport, SharedBreakerState } from '../../src/resilience/index.js';
import { describeSharedBreakers } from '../../src/resilience/breaker/shared-breakers.contract.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';

/** How long a command may take at the most, which nobody waits for who has a call to answer. */
const COMMAND_MS = 2_000;
/** What the machine may take on top of the 250 ms that a call waits. */
const SLACK_MS = 700;
const SETTINGS = { failureThreshold: 1, timeoutMs: 60_000, halfOpenMaxCalls: 1 };

let server: RedisServer;
let redis: Redis;
const opened: { onApplicationShutdown(): void }[] = [];
const made: RedisSharedBreakers[] = [];
let telemetry = new InMemoryTelemetry();

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startRedis();
  redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
}, 300_000);
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  telemetry = new InMemoryTelemetry();
  await redis.flushall();
});
afterEach(() => {
  for (const shared of made.splice(0)) shared.beforeApplicationShutdown();
  for (const connection of opened.splice(0)) connection.onApplicationShutdown();
});

const connect = async (keyPrefix = 'test:'): Promise<RedisConnection> => {
  const options = redisOptions.parse({ commandTimeoutMs: COMMAND_MS, connectTimeoutMs: 300, keyPrefix });
  const connection = await openRedis(server.url, options, telemetry);
  opened.push(connection);
  return connection;
};

const make = async (keyPrefix?: string): Promise<RedisSharedBreakers> => {
  const shared = new RedisSharedBreakers(await connect(keyPrefix), telemetry);
  made.push(shared);
  return shared;
};

const pass = async (ms: number): Promise<void> => await new Promise((resolve) => void setTimeout(resolve, ms + 5));

describeSharedBreakers(
  { describe, it, expect, beforeEach },
  make,
  make,
  pass,
  async (shared) => await (shared as RedisSharedBreakers).onApplicationBootstrap(),
);

/** One process in touch, and what it hears. */
async function listening(keyPrefix?: string) {
  const shared = await make(keyPrefix);
  const heard: (SharedBreakerState | 'joined' | 'left')[] = [];
  shared.listen({
    changed: (state) => void heard.push(state),
    joined: (states) => void heard.push('joined', ...states),
    left: () => void heard.push('left'),
  });
  await shared.onApplicationBootstrap();
  return { shared, heard };
}

const fault = (name = 'a'): BreakerReport => ({
  name,
  settings: SETTINGS,
  known: 0,
  event: { kind: 'fault', period: 0 },
});

describe('breakers in Redis', () => {
  it('are under the prefix, are forgotten a day after their time, and do not reach servers under another one', async () => {
    const [one, same, other] = [await listening(), await listening(), await listening('other:')];
    await one.shared.report(fault('a tool'));
    await vi.waitFor(() => expect(same.heard).toMatchObject(['joined', { name: 'a tool', state: 'open' }]));
    expect(other.heard).toEqual(['joined']);
    const keys = (await redis.keys('*')).toSorted();
    expect(keys).toEqual(['test:breaker:a tool', 'test:breakers']);
    const lifetimes = await Promise.all(keys.map(async (key) => await redis.pttl(key)));
    for (const lifetime of lifetimes) expect(lifetime > 86_400_000 && lifetime <= 86_460_000).toBe(true);
  });

  it('leave nothing that lasts of the trials of a process that was killed', async () => {
    const { shared } = await listening();
    const settings = { ...SETTINGS, timeoutMs: 1 };
    await shared.report({ ...fault(), settings });
    await pass(1);
    await shared.report({ name: 'a', settings, known: 0, event: { kind: 'trial', lease: 'killed' } });
    const lifetime = await redis.pttl('test:breaker-trials:a');
    expect(lifetime > 0 && lifetime <= 86_400_001).toBe(true);
  });

  it('pass over messages and records that cannot be read, and count them', async () => {
    await redis.zadd('test:breakers', Date.now() + 60_000, 'junk', Date.now() + 60_000, 'x'.repeat(1_000));
    await redis.hset('test:breaker:junk', 'state', 'ajar');
    const { heard } = await listening();
    expect(heard).toEqual(['joined']);
    const state = { name: 'a', version: 1, period: 1, state: 'open', faults: 0, remainingMs: 1 };
    const strange = [
      '',
      '{',
      '[]',
      'null',
      JSON.stringify({ ...state, name: 'x'.repeat(257) }),
      JSON.stringify({ ...state, state: 'ajar' }),
      JSON.stringify({ ...state, remainingMs: -1 }),
      JSON.stringify({ ...state, version: '1' }),
    ];
    for (const text of strange) await redis.publish('test:breakers', text);
    await redis.publish('test:breakers', JSON.stringify(state));
    await vi.waitFor(() => expect(heard).toEqual(['joined', state]));
    const counted = telemetry.samples().find(({ name }) => name === 'rookery_breaker_messages_unread_total');
    expect(counted?.value).toBe(strange.length + 2);
  });

  it('are told to a process within 100 ms', async () => {
    const [one, other] = [await listening(), await listening()];
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const begun = performance.now();
      const heard = new Promise<void>((resolve) => {
        other.shared.listen({
          changed: ({ name }) => name === `t${round}` && resolve(),
          joined: () => undefined,
          left: () => undefined,
        });
      });
      await one.shared.report(fault(`t${round}`));
      await heard;
      times.push(performance.now() - begun);
    }
    expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(100);
  });

  it('keep nobody waiting while Redis is frozen, and are shared again when it goes on', async () => {
    const { shared, heard } = await listening();
    server.freeze();
    try {
      const begun = performance.now();
      await expect(shared.report(fault())).rejects.toThrow('within 250 ms');
      expect(performance.now() - begun).toBeLessThan(250 + SLACK_MS);
      expect([shared.reachable, heard]).toEqual([false, ['joined', 'left']]);
      const again = performance.now();
      for (let call = 0; call < 20; call++) await expect(shared.report(fault())).rejects.toThrow('away');
      expect(performance.now() - again).toBeLessThan(250);
    } finally {
      server.thaw();
    }
    await vi.waitFor(() => expect(shared.reachable).toBe(true), 10_000);
    expect(heard.filter((what) => typeof what === 'string')).toEqual(['joined', 'left', 'joined']);
  });

  it('are shared again when Redis was killed and is back, with an outage said once', async () => {
    const { shared, heard } = await listening();
    await server.kill();
    await vi.waitFor(() => expect(shared.reachable).toBe(false));
    await expect(shared.report(fault())).rejects.toThrow('away');
    await server.restart();
    await vi.waitFor(() => expect(shared.reachable).toBe(true), 10_000);
    expect(heard).toEqual(['joined', 'left', 'joined']);
    expect((await shared.report(fault())).state.state).toBe('open');
  });

  it('begin without their Redis, and are shared once it is there', async () => {
    await server.kill();
    const { shared, heard } = await listening();
    const attempts = (): number =>
      telemetry.samples().find(({ labels }) => labels['kind'] === 'connection')?.value ?? 0;
    await vi.waitFor(() => expect(attempts()).toBeGreaterThan(4));
    expect([shared.reachable, heard]).toEqual([false, ['left']]);
    await server.restart();
    await vi.waitFor(() => expect(heard).toEqual(['left', 'joined']), 10_000);
  });
});
