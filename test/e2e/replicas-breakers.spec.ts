import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { messageOf, postModern } from './support/http-messages.js';
import { valueOf } from './support/metrics-text.js';
import { ServerProcess } from './support/server-process.js';

const SERVER = 'dist-test/test/e2e/support/breaker-server.js';
const KEY = 'rk_operator_b3BlcmF0b3JzIG9ubHkhISE';
const HEADERS = { authorization: `Bearer ${KEY}` };
/** How long a call may wait for Redis, and what the machine may take on top. */
const BOUND_MS = 250 + 1_000;
const RECOVERY = { timeout: 10_000, interval: 50 };
/** The same of what is left alone for six seconds. */
const RETRIAL = { timeout: 20_000, interval: 100 };

type Tool = 'slow' | 'quick' | 'tried';
type End = 'fine' | 'broken' | 'held';

/** One process of the server, and what it answers. */
class Replica {
  private constructor(
    readonly process: ServerProcess,
    readonly url: string,
  ) {}

  static async start(redis: RedisServer): Promise<Replica> {
    const process = new ServerProcess([SERVER, JSON.stringify({ redis: redis.url, key: KEY })]);
    const [, url = ''] = await process.shows('stdout', /listening on (\S+)/);
    return new Replica(process, url);
  }

  /** What a tool says; the code of a failure. */
  async call(name: string, args: object = {}): Promise<unknown> {
    const { said, code } = await this.#result(name, args);
    return code ?? said;
  }

  async calls(tool: Tool, ...ends: readonly End[]): Promise<readonly unknown[]> {
    const seen: unknown[] = [];
    for (const end of ends) seen.push(await this.call(tool, { end }));
    return seen;
  }

  /** Seconds that a refused call is told to wait. */
  async retryAfter(tool: Tool): Promise<unknown> {
    return (await this.#result(tool, { end: 'fine' })).retryAfter;
  }

  async breaker(name: Tool): Promise<{ readonly state: string; readonly faults: number } | undefined> {
    const response = await fetch(new URL('/admin/v1/breakers', this.url), { headers: HEADERS });
    const { breakers } = (await response.json()) as { breakers: { name: string; state: string; faults: number }[] };
    return breakers.find((breaker) => breaker.name === name);
  }

  async reset(name: Tool): Promise<number> {
    const url = new URL(`/admin/v1/breakers/${name}/reset`, this.url);
    return (await fetch(url, { method: 'POST', headers: HEADERS })).status;
  }

  /** Whether its health says that others hear of its breakers. */
  async isShared(): Promise<unknown> {
    const { details } = (await (await fetch(new URL('/health', this.url))).json()) as {
      details: { breakers: { details: { shared?: boolean } } };
    };
    return details.breakers.details.shared;
  }

  /** Events of breakers that only this process knows of. */
  async unshared(event: string): Promise<number> {
    const page = await (await fetch(new URL('/metrics', this.url))).text();
    return valueOf(page, 'rookery_breaker_share_failures_total', { event }) ?? 0;
  }

  async #result(name: string, args: object) {
    const message = await messageOf(
      await postModern(this.url, 'tools/call', { name, arguments: args }, { headers: HEADERS }),
    );
    const result = message.result as {
      readonly content: readonly { readonly text: string }[];
      readonly _meta?: Readonly<Record<string, unknown>>;
    };
    const meta = result._meta ?? {};
    return { said: result.content[0]?.text, code: meta['rookery/code'], retryAfter: meta['retry_after'] };
  }
}

let redis: RedisServer;
let replicas: Replica[] = [];
let a: Replica;
let b: Replica;

beforeAll(async () => void (redis = await startRedis()), 300_000);
afterAll(async () => await redis.stop());
beforeEach(async () => {
  await redis.flush();
  replicas = await Promise.all([Replica.start(redis), Replica.start(redis)]);
  [a, b] = replicas as [Replica, Replica];
});
afterEach(async () => {
  await Promise.all(replicas.map(({ process }) => process.stop()));
});

const refuses = async (replica: Replica, tool: Tool): Promise<void> =>
  await expect.poll(async () => await replica.call(tool, { end: 'fine' }), RECOVERY).toBe('breaker_open');
const isIn = async (replica: Replica, tool: Tool, state: string): Promise<void> =>
  await expect.poll(async () => (await replica.breaker(tool))?.state, RECOVERY).toBe(state);

/** A process that has heard so many faults counts on from there, whichever of them is asked next. */
const hasHeard = async (replica: Replica, tool: Tool, faults: number): Promise<void> =>
  await expect.poll(async () => (await replica.breaker(tool))?.faults, RECOVERY).toBe(faults);

async function open(tool: Tool): Promise<void> {
  while ((await a.call(tool, { end: 'broken' })) !== 'breaker_open');
  await isIn(b, tool, 'open');
}

describe('[R5] two processes with one Redis', () => {
  it('open together by faults spread over both, and refuse with the seconds to wait; so does a third that comes later', async () => {
    expect(await a.calls('slow', 'broken', 'broken')).toEqual(['internal', 'internal']);
    await hasHeard(b, 'slow', 2);
    expect(await b.calls('slow', 'broken', 'broken')).toEqual(['internal', 'internal']);
    for (const replica of [a, b]) {
      await refuses(replica, 'slow');
      expect(await replica.retryAfter('slow')).toBeGreaterThan(50);
      expect(await replica.retryAfter('slow')).toBeLessThanOrEqual(60);
    }
    const third = await Replica.start(redis);
    replicas.push(third);
    expect(await third.calls('slow', 'broken')).toEqual(['breaker_open']);
    expect(await third.retryAfter('slow')).toBeLessThanOrEqual(60);
    expect(await third.call('quick', { end: 'fine' })).toBe('fine');
  });

  it('end the row of faults by a success of either', async () => {
    for (const [failing, other] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      await failing.calls('slow', 'broken', 'broken');
      await hasHeard(other, 'slow', 2);
      await other.calls('slow', 'fine');
      await hasHeard(failing, 'slow', 0);
    }
    expect((await a.breaker('slow'))?.state).toBe('closed');
  });

  it('tell Redis nothing of calls while nothing fails', async () => {
    const client = new Redis(redis.url);
    const scripts = async (): Promise<number> => {
      const statistics = await client.info('commandstats');
      const calls = statistics.matchAll(/^cmdstat_(?:evalsha|eval|publish):calls=(\d+)/gm);
      return [...calls].reduce((sum, [, number]) => sum + Number(number), 0);
    };
    try {
      const before = await scripts();
      for (const replica of [a, b, a, b]) {
        expect(new Set(await replica.calls('slow', ...Array<End>(10).fill('fine')))).toEqual(new Set(['fine']));
      }
      expect(await scripts()).toBe(before);
      await a.calls('slow', 'broken', 'fine', 'fine', 'fine');
      // The fault and its end; the copies of their news are published inside.
      await expect.poll(scripts, RECOVERY).toBeGreaterThan(before + 1);
      await hasHeard(b, 'slow', 0);
    } finally {
      client.disconnect();
    }
  });

  it('have one trial at once, and close together when it succeeds', async () => {
    await open('tried');
    // Whoever is let through is held; everybody else is refused.
    const calls: Promise<unknown>[] = [];
    const held = async (): Promise<number> => {
      calls.push(...[a, b, a, b].map(async (replica) => await replica.call('tried', { end: 'held' })));
      const numbers = await Promise.all([a, b].map(async (replica) => Number(await replica.call('held'))));
      return numbers.reduce((sum, number) => sum + number, 0);
    };
    await expect.poll(held, RETRIAL).toBe(1);
    for (let round = 0; round < 5; round++) expect(await held()).toBe(1);
    await isIn(a, 'tried', 'half-open');
    await isIn(b, 'tried', 'half-open');
    for (const replica of [a, b]) await replica.call('release');
    const ends = await Promise.all(calls);
    expect(ends.filter((end) => end === 'fine')).toHaveLength(1);
    expect(new Set(ends)).toEqual(new Set(['fine', 'breaker_open']));
    for (const replica of [a, b]) {
      await isIn(replica, 'tried', 'closed');
      expect(await replica.calls('tried', 'fine')).toEqual(['fine']);
    }
  });

  it('open again together when a trial fails', async () => {
    await open('tried');
    await expect.poll(async () => await b.call('tried', { end: 'broken' }), RETRIAL).toBe('internal');
    for (const replica of [a, b]) await isIn(replica, 'tried', 'open');
    expect(await a.retryAfter('tried')).toBeGreaterThan(1);
  });

  it('leave the place of a trial whose process was killed to another', async () => {
    await open('quick');
    const held = async (): Promise<number> => {
      void a.call('quick', { end: 'held' }).catch(() => undefined);
      return Number(await a.call('held'));
    };
    await expect.poll(held, RECOVERY).toBeGreaterThan(0);
    a.process.signal('SIGKILL');
    await expect.poll(async () => await b.call('quick', { end: 'fine' }), RECOVERY).toBe('fine');
  });

  it('close together by hand in one, also one that was never called there', async () => {
    await open('slow');
    expect(await b.reset('slow')).toBeLessThan(300);
    await isIn(a, 'slow', 'closed');
    for (const replica of [a, b]) expect(await replica.calls('slow', 'fine')).toEqual(['fine']);
  });
});

describe('[R5] two processes whose Redis is gone', () => {
  it('killed: each decides by itself and counts it; back: what is open is open in both', async () => {
    await redis.kill();
    expect(await a.calls('slow', 'broken', 'broken', 'broken', 'broken', 'fine')).toEqual([
      'internal',
      'internal',
      'internal',
      'internal',
      'breaker_open',
    ]);
    expect(await b.calls('slow', 'fine', 'broken', 'fine')).toEqual(['fine', 'internal', 'fine']);
    expect([await a.unshared('fault'), await b.unshared('fault'), await b.unshared('success')]).toEqual([4, 1, 1]);
    expect([await a.isShared(), await b.isShared()]).toEqual([false, false]);
    await redis.restart();
    await refuses(b, 'slow');
    expect(a.process.stderr.match(/circuit breakers are not shared/g)).toHaveLength(1);
    for (const replica of [a, b]) await expect.poll(async () => await replica.isShared(), RECOVERY).toBe(true);
    expect(await b.reset('slow')).toBeLessThan(300);
    await isIn(a, 'slow', 'closed');
  });

  it('frozen: no call waits for longer than its bound, nor again once it is known', async () => {
    await open('quick');
    redis.freeze();
    try {
      const times: number[] = [];
      const timed = async (replica: Replica, end: End): Promise<unknown> => {
        const begun = performance.now();
        const code = await replica.call('quick', { end });
        times.push(performance.now() - begun);
        return code;
      };
      for (const replica of [a, b]) {
        await expect.poll(async () => await timed(replica, 'fine'), RECOVERY).toBe('fine');
        for (let call = 0; call < 10; call++) await timed(replica, 'broken');
        expect(await replica.unshared('trial')).toBeGreaterThan(0);
        expect(await replica.unshared('fault')).toBeGreaterThan(3);
      }
      expect(Math.max(...times)).toBeLessThan(BOUND_MS);
    } finally {
      redis.thaw();
    }
    // What one of them has opened alone is open in both, until a call tries it.
    const together = async (): Promise<unknown> => [
      await a.call('quick', { end: 'fine' }),
      (await a.breaker('quick'))?.state,
      (await b.breaker('quick'))?.state,
    ];
    await expect.poll(together, RECOVERY).toEqual(['fine', 'closed', 'closed']);
    const alone = [await a.unshared('fault'), await b.unshared('fault')];
    await a.calls('quick', 'broken');
    await hasHeard(b, 'quick', 1);
    expect([await a.unshared('fault'), await b.unshared('fault')]).toEqual(alone);
  });
});
