import { Redis } from 'ioredis';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { EXACT_LIMIT, MACHINE_MS, RECOVERY_MS } from './support/bounds.js';
import { Chance } from './support/chance.js';
import { ChaosServer, chaosKeys } from './support/chaos-process.js';
import { Connection, machineMs, type Seen, type ToolUse } from './support/connection.js';
import { expectAnswered, expectAudited, runInTime, tally } from './support/expectations.js';
import { Load } from './support/load.js';
import { goFirst } from './support/priority.js';

const CONNECTIONS = 24;
/** Answers before the fault, and again while it lasts. */
const ANSWERS = 300;
/** Keys of callers that make no load. */
const PROBES = chaosKeys.slice(CONNECTIONS);
const DEADLOCK_MS = 30_000;
const MOST_PROBES = 3;

let redis: RedisServer;
let servers: readonly ChaosServer[] = [];
let probes: string[];
const probed: Seen[] = [];

beforeAll(goFirst);
beforeEach(open);
afterEach(close);

async function open(): Promise<void> {
  redis = await startRedis();
  probes = [...PROBES];
  probed.length = 0;
}

async function close(): Promise<void> {
  await Promise.all(servers.map((server) => server.remove()));
  servers = [];
  await redis.stop();
}

async function reopen(): Promise<void> {
  await close();
  await open();
}

/** Makes Redis late by up to so many milliseconds at every command, for as long as it is asked to. */
class Slowness {
  #client: Redis | undefined;
  #over = false;
  #work: Promise<void> = Promise.resolve();

  begin(lateMs: number): void {
    const client = new Redis(redis.url);
    this.#client = client;
    this.#over = false;
    this.#work = (async () => {
      while (!this.#over) {
        await client.call('CLIENT', 'PAUSE', String(lateMs), 'ALL');
        await client.ping();
      }
    })();
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#work;
    this.#client?.disconnect();
  }
}

const slowness = new Slowness();
/** What happens to Redis, how that begins, how it ends, and how many may count beside each other meanwhile. */
type Fault = readonly [
  what: string,
  begin: () => Promise<void> | void,
  end: () => Promise<void> | void,
  counts: number,
];
const SERVERS = 2;
const FAULTS: readonly Fault[] = [
  ['killed, and started again', () => redis.kill(), () => redis.restart(), SERVERS],
  ['frozen, and thawed', () => redis.freeze(), () => redis.thaw(), SERVERS],
  // Whoever asks at the end of a pause gets an answer in time: Redis counts some of the calls, too.
  ['later than calls wait, and quick again', () => slowness.begin(600), () => slowness.end(), SERVERS + 1],
];

async function startServers(count: number, sections: Readonly<Record<string, object>> = {}): Promise<void> {
  const starting = Array.from({ length: count }, () => ChaosServer.start({ redisUrl: redis.url, sections }));
  servers = await Promise.all(starting);
}

/** Waits for that many more answers. */
async function moreAnswers(load: Load, count: number): Promise<void> {
  const before = load.seen.length;
  await vi.waitFor(() => expect(load.seen.length - before).toBeGreaterThanOrEqual(count), {
    timeout: DEADLOCK_MS,
    interval: 20,
  });
}

/** What was called at that time or later, of what has been answered. */
const begunSince = (seen: readonly Seen[], atMs: number): readonly Seen[] =>
  seen.filter(({ begunAt }) => begunAt >= atMs);

/** Calls of a new principal, in turn at each server. */
async function callAsNew(uses: readonly ToolUse[]): Promise<readonly Seen[]> {
  const key = probes.pop() ?? '';
  const connections = uses.map((_, at) => new Connection(servers[at % servers.length]?.url ?? '', key));
  const seen = await Promise.all(connections.map((connection, at) => connection.call(uses[at] as ToolUse)));
  for (const connection of connections) connection.close();
  probed.push(...seen);
  return seen;
}

/** Twice as many calls as the limit allows, half of them at each server: only a count that both share is exact. */
async function expectExactLimit(): Promise<void> {
  const seen = await callAsNew(Array.from({ length: 2 * EXACT_LIMIT }, () => ({ tool: 'limited' })));
  expect(tally(seen.map(({ code }) => code))).toEqual({ ok: EXACT_LIMIT, rate_limited: EXACT_LIMIT });
  for (const { code, retryAfter } of seen) if (code === 'rate_limited') expect(retryAfter).toBeGreaterThan(0);
}

/**
 * Each process by itself now: still no more than the limit in each. Where Redis counts some of the calls as well, there may
 * be more of one principal, but not of every one.
 */
async function expectLimitsAlone(counts: number): Promise<void> {
  for (let probe = 1; ; probe++) {
    const alone = await callAsNew(Array.from({ length: 4 * EXACT_LIMIT }, () => ({ tool: 'limited' })));
    const allowed = alone.filter(({ code }) => code === 'ok').length;
    expect(allowed).toBeGreaterThanOrEqual(EXACT_LIMIT);
    expect(allowed).toBeLessThanOrEqual(counts * EXACT_LIMIT);
    if (allowed <= servers.length * EXACT_LIMIT) return;
    expect(probe).toBeLessThan(MOST_PROBES);
  }
}

/** What one server has made the other one finds, for the same principal. */
async function expectSharedCache(): Promise<void> {
  const key = probes.pop() ?? '';
  const use: ToolUse = { tool: 'cached', args: { key: 'probe' } };
  const answers: string[] = [];
  for (const { url } of servers) {
    const connection = new Connection(url, key);
    const seen = await connection.call(use);
    connection.close();
    probed.push(seen);
    answers.push(seen.text);
  }
  expect(new Set(answers)).toEqual(new Set([answers[0]]));
}

/** How long until both hold. */
async function recovery(): Promise<number> {
  const begun = performance.now();
  await vi.waitFor(
    async () => {
      await expectExactLimit();
      await expectSharedCache();
    },
    { timeout: DEADLOCK_MS, interval: 100 },
  );
  return performance.now() - begun;
}

/** One of the faults under load, and all that is to be seen of it; what was called meanwhile. */
async function faulted([name, begin, end, counts]: Fault): Promise<readonly Seen[]> {
  const chance = Chance.ofThisRun(`Redis ${name}`);
  await startServers(SERVERS);
  await recovery();
  const load = new Load({ urls: servers.map(({ url }) => url), connections: CONNECTIONS, chance, mix: 'redis' });
  await moreAnswers(load, ANSWERS + chance.below(ANSWERS));

  await begin();
  await moreAnswers(load, ANSWERS);
  for (const server of servers) {
    await vi.waitFor(
      async () => {
        expect(await server.counted('rookery_limit_store_failures_total', { reaction: 'local' })).toBeGreaterThan(0);
        expect(await server.counted('rookery_cache_requests_total', { result: 'error' })).toBeGreaterThan(0);
        expect(await server.counted('rookery_cache_errors_total')).toBeGreaterThan(0);
        expect(await server.counted('rookery_attempt_limits_local_total')).toBeGreaterThan(0);
        expect(await server.counted('rookery_redis_errors_total')).toBeGreaterThan(0);
      },
      { timeout: DEADLOCK_MS, interval: 100 },
    );
  }
  await expectLimitsAlone(counts);
  // Who is not known yet waits at the door, of a time that is shorter than what others wait for Redis.
  const short = await callAsNew(servers.map(() => ({ tool: 'leak' })));

  await end();
  const took = await recovery();
  process.stdout.write(`Redis ${name}: all was shared again after ${Math.round(took)} ms\n`);
  await moreAnswers(load, ANSWERS);
  await expectExactLimit();
  const seen = await load.stop();

  expect(took).toBeLessThan(RECOVERY_MS);
  const onlyTheirDeadlineEnds = [...seen, ...short];
  expectAnswered(onlyTheirDeadlineEnds, MACHINE_MS);
  expectAnswered(probed.filter((each) => !short.includes(each)));
  // Only the tool that never answers fails, and only as it must.
  const failed = seen.filter(({ code, use }) => code !== 'ok' && use.tool !== 'hang');
  expect(failed).toEqual([]);
  await expectAudited(servers, [...seen, ...probed]);
  return onlyTheirDeadlineEnds;
}

describe('a Redis in trouble under load', () => {
  it.each(FAULTS)(
    '[R3][R4][S12] %s: no call fails or is late, what is not shared is counted, and all is shared again soon',
    { timeout: 270_000 },
    async (...fault) => {
      const seen = await runInTime(() => faulted(fault), reopen);
      expect(seen.length).toBeGreaterThan(ANSWERS);
      expectAnswered(seen);
    },
  );

  it.each([
    ['refuse', 'overloaded'],
    ['allow', 'ok'],
  ])(
    '[R4] killed: limits that are to %s calls then answer %s, and count it',
    { timeout: 60_000 },
    async (reaction, code) => {
      await startServers(1, { rateLimit: { onStoreFailure: reaction } });
      const [server] = servers as [ChaosServer];
      const load = new Load({
        urls: [server.url],
        connections: CONNECTIONS,
        chance: Chance.ofThisRun(`Redis killed, ${reaction}`),
        mix: 'same',
      });
      await moreAnswers(load, ANSWERS);
      await redis.kill();
      const killedAt = machineMs();
      await vi.waitFor(() => expect(begunSince(load.seen, killedAt).length).toBeGreaterThanOrEqual(ANSWERS), {
        timeout: DEADLOCK_MS,
        interval: 20,
      });
      const whileKilled = begunSince(load.seen, killedAt);
      await redis.restart();
      const restarted = performance.now();
      let wellAt = Infinity;
      await vi.waitFor(
        async () => {
          const before = await server.counted('rookery_limit_store_failures_total');
          wellAt = machineMs();
          await moreAnswers(load, ANSWERS);
          expect(await server.counted('rookery_limit_store_failures_total')).toBe(before);
        },
        { timeout: DEADLOCK_MS },
      );
      expect(performance.now() - restarted).toBeLessThan(RECOVERY_MS);
      const seen = await load.stop();
      expectAnswered(seen);
      expect(new Set(whileKilled.map((each) => each.code))).toEqual(new Set([code]));
      if (code === 'overloaded') expect(whileKilled.every(({ retryAfter }) => retryAfter === 1)).toBe(true);
      expect(new Set(begunSince(seen, wellAt).map((each) => each.code))).toEqual(new Set(['ok']));
      expect(await server.counted('rookery_limit_store_failures_total', { reaction })).toBeGreaterThanOrEqual(
        whileKilled.length,
      );
      await expectAudited(servers, seen);
    },
  );
});
