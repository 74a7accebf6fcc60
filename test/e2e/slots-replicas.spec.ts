import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { messageOf, postModern } from './support/http-messages.js';
import { ServerProcess } from './support/server-process.js';
import { SlotGate } from './support/slot-gate.js';
import type { SlotReport, SlotServerOptions } from './support/slot-server.js';

/** Conditions are waited for as long as a machine may need that does other things meanwhile. */
const EVENTUALLY = { timeout: 10_000 };

const SERVER = 'dist-test/test/e2e/support/slot-server.js';
/** What the machine may take on top. */
const SLACK_MS = 1_000;
const LEASE_MS = 5_000;

/** One process of the server. */
class Replica {
  private constructor(
    readonly process: ServerProcess,
    readonly url: string,
  ) {}

  static async start(options: SlotServerOptions): Promise<Replica> {
    const process = new ServerProcess([SERVER, JSON.stringify(options)]);
    const [, url = ''] = await process.shows('stdout', /listening on (\S+)/);
    return new Replica(process, url);
  }

  /** Calls a tool; its text, or the code of its refusal. */
  async call(name: string): Promise<string> {
    const { result } = await messageOf(await postModern(this.url, 'tools/call', { name, arguments: {} }));
    const meta = result?.['_meta'] as Record<string, unknown> | undefined;
    const text = (result as { content?: { text: string }[] } | undefined)?.content?.[0]?.text ?? '';
    return result?.['isError'] === true ? String(meta?.['rookery/code']) : text;
  }

  many(number: number): Promise<string>[] {
    return Array.from({ length: number }, async () => await this.call('narrow'));
  }

  async report(): Promise<SlotReport> {
    return JSON.parse(await this.call('report')) as SlotReport;
  }

  async leased(): Promise<number | undefined> {
    return (await this.report()).limits.find(({ name }) => name === 'tool:narrow')?.leased;
  }

  async isAlone(): Promise<boolean | undefined> {
    return (await this.report()).limits.find(({ name }) => name === 'tool:narrow')?.alone;
  }
}

let server: RedisServer;
let gate: SlotGate;
let a: Replica;
let b: Replica;
const started: Replica[] = [];

const start = async (limits: SlotServerOptions['limits'] = { maxWaitMs: 60_000 }): Promise<Replica> => {
  const replica = await Replica.start({ redis: server.url, gate: gate.url, limits });
  started.push(replica);
  return replica;
};

/** Kills all processes, and makes free what they held. */
const stop = async (): Promise<void> => {
  await Promise.all(started.splice(0).map(async ({ process }) => await process.stop()));
  await server.flush();
};

beforeAll(async () => {
  server = await startRedis();
  gate = await SlotGate.open();
}, 300_000);

beforeEach(() => gate.reset());

afterAll(async () => {
  gate.close();
  await server.stop();
});

describe('a tool of two processes that runs twice at once', () => {
  beforeAll(async () => void ([a, b] = await Promise.all([start(), start()])), 60_000);
  afterAll(stop);

  it('[R6] never runs more often over both, and everybody is served', async () => {
    gate.holdMs = 5;
    const ends = await Promise.all([...a.many(60), ...b.many(60)]);
    expect(new Set(ends)).toEqual(new Set(['done']));
    expect([gate.begun, gate.most]).toEqual([120, 2]);
    expect([(await a.report()).local, (await b.report()).local]).toEqual([0, 0]);
    expect((await a.report()).limits.find(({ name }) => name === 'all')).not.toHaveProperty('leased');
  });

  it('[R6] has a process that waits served after a call of the one that has everything', async () => {
    const busy = a.many(30);
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    await expect.poll(() => a.leased(), EVENTUALLY).toBe(2);
    const late = b.call('narrow');
    await expect
      .poll(async () => (await b.report()).limits.find(({ name }) => name === 'tool:narrow')?.queued, EVENTUALLY)
      .toBe(1);
    // Redis knows that it waits, and has told the other one, which answers after it has heard.
    const redis = new Redis(server.url);
    const claims = async (): Promise<readonly string[]> =>
      Object.values(await redis.hgetall('rookery:slots:tool%3Anarrow'));
    await expect.poll(claims, EVENTUALLY).toContainEqual(expect.stringMatching(/^0 1 /));
    redis.disconnect();
    await a.report();
    gate.release(1);
    await expect.poll(() => b.leased(), EVENTUALLY).toBe(1);
    await expect.poll(() => gate.begun, EVENTUALLY).toBe(3);
    gate.holdMs = 1;
    gate.release();
    expect(await late).toBe('done');
    expect(new Set(await Promise.all(busy))).toEqual(new Set(['done']));
    expect(gate.most).toBe(2);
  });

  it('gives slots that are idle to the process that waits', async () => {
    const calls = a.many(2);
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    gate.release();
    await Promise.all(calls);
    const others = b.many(2);
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    gate.release();
    expect(await Promise.all(others)).toEqual(['done', 'done']);
    expect((await b.report()).local).toBe(0);
    // And what nobody uses goes back by itself.
    await expect.poll(() => b.leased(), { timeout: 5_000 }).toBe(0);
  });

  it('needs far fewer round trips than calls', async () => {
    const redis = new Redis(server.url);
    await a.call('quick');
    await redis.config('RESETSTAT');
    for (let call = 0; call < 300; call++) expect(await a.call('quick')).toBe('done');
    const [, claims = '0'] = /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats')) ?? [];
    redis.disconnect();
    expect((await a.report()).limits.find(({ name }) => name === 'tool:quick')).toMatchObject({
      leased: 1,
      alone: false,
    });
    // One in a third of a lease.
    expect(Number(claims)).toBeLessThan(15);
  });
});

describe('a tool of two processes, one of which ends', () => {
  beforeEach(async () => void ([a, b] = await Promise.all([start(), start()])), 60_000);
  afterEach(stop);

  it('frees what a process held that was killed, within a lease', { timeout: 60_000 }, async () => {
    const lost = Promise.allSettled(a.many(2));
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    const waiting = b.many(2);
    await expect
      .poll(async () => (await b.report()).limits.find(({ name }) => name === 'tool:narrow')?.queued, EVENTUALLY)
      .toBe(2);
    a.process.signal('SIGKILL');
    await lost;
    const begun = performance.now();
    await expect.poll(() => gate.begun, { timeout: 20_000 }).toBe(4);
    // Whoever waits asks again in a third of the lease.
    expect(performance.now() - begun).toBeLessThan(LEASE_MS + LEASE_MS / 3 + SLACK_MS);
    gate.release();
    expect(await Promise.all(waiting)).toEqual(['done', 'done']);
    expect((await b.report()).local).toBe(0);
  });

  it('[R6] lets nobody in on slots that a process had before it stood still', { timeout: 60_000 }, async () => {
    const calls = a.many(2);
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    a.process.signal('SIGSTOP');
    const others = b.many(2);
    await expect.poll(() => gate.running, { timeout: 20_000 }).toBe(4);
    const next = a.many(2);
    a.process.signal('SIGCONT');
    await expect.poll(() => a.leased(), EVENTUALLY).toBe(2);
    // Those that ran go on, and count: of four two have to end before anybody enters.
    gate.release(2);
    expect(await Promise.all(calls)).toEqual(['done', 'done']);
    await expect.poll(() => a.leased(), EVENTUALLY).toBe(0);
    expect([gate.running, gate.begun]).toEqual([2, 4]);
    gate.most = 0;
    gate.holdMs = 5;
    gate.release();
    expect(await Promise.all([...others, ...next])).toEqual(['done', 'done', 'done', 'done']);
    expect(gate.most).toBeLessThanOrEqual(2);
    expect((await a.report()).local + (await b.report()).local).toBe(0);
  });

  it('gives back what a process held that ends in order, at once', async () => {
    const calls = a.many(2);
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    gate.release();
    await Promise.all(calls);
    a.process.signal('SIGTERM');
    expect(await a.process.ended()).toEqual({ code: 0, signal: null });
    const redis = new Redis(server.url);
    const kept = Object.values(await redis.hgetall('rookery:slots:tool%3Anarrow'));
    redis.disconnect();
    expect(kept.map((holding) => holding.split(' ')[0])).toEqual(['0']);
  });
});

describe('a tool that runs twice at once while Redis does not answer', () => {
  beforeEach(async () => void ([a, b] = await Promise.all([start(), start()])), 60_000);
  afterEach(stop);

  it('[R6] runs twice in each process when Redis is gone, is counted, and comes together again', async () => {
    const [one, two] = [a.many(4), b.many(4)];
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    await server.kill();
    // The running calls go on, and each process has two of its own.
    await expect.poll(() => gate.running, { timeout: 10_000 }).toBe(4);
    await expect
      .poll(async () => (await a.report()).local + (await b.report()).local, EVENTUALLY)
      .toBeGreaterThanOrEqual(2);
    await server.restart();
    // What they say to each other reaches who listens.
    const redis = new Redis(server.url);
    await expect
      .poll(async () => await redis.pubsub('NUMSUB', 'rookery:slots'), EVENTUALLY)
      .toEqual(['rookery:slots', 2]);
    redis.disconnect();
    await expect.poll(async () => [await a.isAlone(), await b.isAlone()], { timeout: 10_000 }).toEqual([false, false]);
    // Nobody enters before there are fewer than two.
    gate.release(2);
    await expect.poll(async () => ((await a.leased()) ?? 0) + ((await b.leased()) ?? 0), EVENTUALLY).toBe(2);
    expect([gate.running, gate.begun]).toEqual([2, 4]);
    gate.most = 0;
    gate.holdMs = 5;
    gate.release();
    expect(new Set(await Promise.all([...one, ...two]))).toEqual(new Set(['done']));
    expect(gate.most).toBeLessThanOrEqual(2);
    const lines = a.process.stdout + a.process.stderr;
    expect(lines.match(/the store of shared slots does not answer/g)).toHaveLength(1);
    expect(lines.match(/the store of shared slots answers again/g)).toHaveLength(1);
  });

  it('[R6] keeps no call longer than its bound when Redis is frozen, and none again', { timeout: 60_000 }, async () => {
    gate.holdMs = 1;
    expect(await a.call('narrow')).toBe('done');
    await expect.poll(() => a.leased(), { timeout: 5_000 }).toBe(0);
    const timed = async (): Promise<number> => {
      const begun = performance.now();
      expect(await a.call('narrow')).toBe('done');
      return performance.now() - begun;
    };
    server.freeze();
    try {
      const first = await timed();
      expect(first).toBeGreaterThan(200);
      expect(first).toBeLessThan(250 + SLACK_MS);
      const next: number[] = [];
      for (let call = 0; call < 20; call++) next.push(await timed());
      expect(next.toSorted((x, y) => x - y)[10]).toBeLessThan(100);
      expect(Math.max(...next)).toBeLessThan(250 + SLACK_MS);
      expect((await a.report()).local).toBe(21);
    } finally {
      server.thaw();
    }
    await expect.poll(() => a.isAlone(), { timeout: 10_000 }).toBe(false);
    const { local } = await a.report();
    expect(await a.call('narrow')).toBe('done');
    expect((await a.report()).local).toBe(local);
  });
});

describe('a tool that nobody waits for', () => {
  afterEach(stop);

  it('[R6] is let in after one answer of Redis, and refused when there is no slot', async () => {
    const [here, there] = await Promise.all([start({ maxQueue: 0 }), start({ maxWaitMs: 0 })]);
    const calls = here.many(2);
    await expect.poll(() => gate.running, EVENTUALLY).toBe(2);
    expect(await there.call('narrow')).toBe('overloaded');
    expect(await here.call('narrow')).toBe('overloaded');
    gate.release();
    expect(await Promise.all(calls)).toEqual(['done', 'done']);
    gate.holdMs = 1;
    await expect.poll(() => there.call('narrow'), { timeout: 5_000 }).toBe('done');
    expect(gate.most).toBe(2);
  });
});
