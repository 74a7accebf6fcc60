import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { MACHINE_MS } from './support/bounds.js';
import { Chance } from './support/chance.js';
import { ChaosServer } from './support/chaos-process.js';
import type { Seen } from './support/connection.js';
import { expectAnswered, expectRecorded, runInTime, tally } from './support/expectations.js';
import { Load, warmedUp } from './support/load.js';
import { goFirst } from './support/priority.js';

const CONNECTIONS = 24;
/** Callers of a tool that never comes back. */
const STUCK = 6;
const ANSWERS = 300;
const GRACE_MS = 2_000;
/** What follows the grace at the most: last answers and records, last bytes. */
const LAST_MS = 2_000;
const DEADLOCK_MS = 20_000;

let redis: RedisServer;
let server: ChaosServer;

beforeAll(goFirst);
beforeEach(open);
afterEach(close);

async function open(): Promise<void> {
  redis = await startRedis();
  server = await ChaosServer.start({ redisUrl: redis.url, sections: { server: { shutdownGraceMs: GRACE_MS } } });
}

async function close(): Promise<void> {
  await server.remove();
  await redis.stop();
}

async function reopen(): Promise<void> {
  await close();
  await open();
}

/** An end under load, and all that is to be seen of it; what was called meanwhile. */
async function ended(state: string, trouble: () => Promise<void> | void): Promise<readonly Seen[]> {
  const chance = Chance.ofThisRun(`SIGTERM, Redis ${state}`);
  const warming = await warmedUp([server.url], chance);
  const load = new Load({ urls: [server.url], connections: CONNECTIONS, chance, mix: 'ending' });
  const stuck = new Load({ urls: [server.url], connections: STUCK, chance, mix: 'stuck' });
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> =>
    await vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: DEADLOCK_MS, interval: 20 });
  await until(() => load.seen.length > ANSWERS + chance.below(ANSWERS));
  await trouble();
  const before = load.seen.length;
  await until(() => load.seen.length - before > ANSWERS / 2 + chance.below(ANSWERS));
  await until(async () => (await server.counted('rookery_calls_in_flight')) >= STUCK);
  const standstillMs = await server.standstillMs();

  const begun = performance.now();
  server.terminate();
  const ending = await server.ended();
  const took = performance.now() - begun;
  const seen = await load.stop();
  const cutOff = await stuck.stop();

  expect(ending).toEqual({ code: 0, signal: null });
  expect(took).toBeLessThan(GRACE_MS + LAST_MS + MACHINE_MS);
  expectAnswered([...warming, ...seen, ...cutOff], MACHINE_MS);
  // Those who waited for what never comes were told so, and their callers sent away.
  expect(tally(cutOff.map(({ code }) => code))).toMatchObject({ cancelled: STUCK });
  expect(cutOff.filter(({ code }) => code !== 'cancelled' && code !== 'draining')).toEqual([]);
  const failed = seen.filter(({ code, use }) => use.tool !== 'hang' && code !== 'ok' && code !== 'draining');
  expect(failed).toEqual([]);
  await expectRecorded([server], [...warming, ...seen, ...cutOff], standstillMs);
  return [...warming, ...seen, ...cutOff];
}

describe('SIGTERM under load, while a tool hangs', () => {
  it.each<readonly [string, () => Promise<void> | void]>([
    ['well', () => undefined],
    ['frozen', () => redis.freeze()],
    ['killed', () => redis.kill()],
  ])(
    '[R8] and Redis is %s: every accepted call is answered in time and recorded, and the process ends in time with 0',
    { timeout: 180_000 },
    async (state, trouble) => {
      const seen = await runInTime(() => ended(state, trouble), reopen);
      expect(seen.length).toBeGreaterThan(ANSWERS);
      expectAnswered(seen);
    },
  );
});
