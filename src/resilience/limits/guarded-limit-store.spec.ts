import { describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../../core/index.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { GuardedLimitStore, type StoreFailureReaction } from './guarded-limit-store.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import { ALLOWED, LimitStore, type LimitRequest, type LimitUsage, type LimitVerdict } from './limit-store.js';

class FickleStore extends LimitStore {
  mood: 'well' | 'broken' | 'throwing' | 'frozen' = 'well';
  asked = 0;

  override take(): LimitVerdict | Promise<LimitVerdict> {
    this.asked++;
    if (this.mood === 'well') return Promise.resolve(ALLOWED);
    if (this.mood === 'throwing') throw new Error('not connected');
    return this.mood === 'broken' ? Promise.reject(new Error('connection lost')) : new Promise(() => undefined);
  }

  override usage(requests: readonly LimitRequest[]): Promise<LimitUsage> {
    return this.mood === 'well' ? Promise.resolve(requests.map(() => [0])) : new Promise(() => undefined);
  }
}

class Bench {
  now = 0;
  readonly shared = new FickleStore();
  readonly telemetry = new InMemoryTelemetry();
  readonly failures: unknown[] = [];
  readonly wheel = new DeadlineWheel({ now: () => this.now, alarm: () => ({ refresh: () => undefined }) });
  readonly breaker = new CircuitBreaker({ failureThreshold: 3, timeoutMs: 1_000, halfOpenMaxCalls: 1 }, () => this.now);
  readonly store: GuardedLimitStore;

  constructor(reaction: StoreFailureReaction) {
    this.store = new GuardedLimitStore(this.shared, new InMemoryLimitStore({ now: () => this.now }), {
      reaction,
      timeoutMs: 250,
      breaker: this.breaker,
      wheel: this.wheel,
      telemetry: this.telemetry,
      onFailure: (error) => this.failures.push(error),
    });
  }

  async take(): Promise<LimitVerdict> {
    return this.store.take([{ key: 'a', rules: [{ limit: 2, windowMs: 60_000 }] }]);
  }

  /** Time goes by, and the wheel turns. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.wheel.tick()) this.now += 10;
  }

  get counted(): number | undefined {
    return this.telemetry.samples().find(({ name }) => name === 'rookery_limit_store_failures_total')?.value;
  }
}

describe('GuardedLimitStore', () => {
  it('[R4] asks the shared store while it answers', async () => {
    const bench = new Bench('refuse');
    for (let call = 0; call < 5; call++) expect(await bench.take()).toEqual({ allowed: true });
    expect([bench.shared.asked, bench.counted]).toEqual([5, 0]);
  });

  it.each(['broken', 'throwing'] as const)(
    '[R4] a store that is %s: each process counts for itself, counted',
    async (mood) => {
      const bench = new Bench('local');
      bench.shared.mood = mood;
      const allowed = [await bench.take(), await bench.take(), await bench.take()].map((verdict) => verdict.allowed);
      expect([allowed, bench.counted]).toEqual([[true, true, false], 3]);
      expect(bench.failures).toEqual([expect.any(Error)]);
    },
  );

  it('[R4] lets every call through, counted, when so configured', async () => {
    const bench = new Bench('allow');
    bench.shared.mood = 'broken';
    for (let call = 0; call < 10; call++) expect(await bench.take()).toEqual({ allowed: true });
    expect(bench.counted).toBe(10);
  });

  it('[R4] refuses every call as overload, counted, when so configured', async () => {
    const bench = new Bench('refuse');
    bench.shared.mood = 'broken';
    await expect(bench.take()).rejects.toMatchObject({ code: 'overloaded', details: { retryAfter: 1 } });
    expect(bench.counted).toBe(1);
  });

  it('[R4] waits for a frozen store only so long, soon not at all, and uses it again once it answers', async () => {
    const bench = new Bench('allow');
    bench.shared.mood = 'frozen';
    const waiting = [bench.take(), bench.take(), bench.take()];
    bench.pass(260);
    expect(await Promise.all(waiting)).toEqual([ALLOWED, ALLOWED, ALLOWED]);
    await bench.take();
    expect([bench.shared.asked, bench.breaker.state]).toEqual([3, 'open']);
    bench.shared.mood = 'well';
    bench.now += 1_000;
    await bench.take();
    await bench.take();
    expect([bench.shared.asked, bench.breaker.state, bench.counted]).toEqual([5, 'closed', 4]);
    expect(bench.wheel.size).toBe(0);
  });

  it('[R4] hears what came while the process stood still, however long', async () => {
    const bench = new Bench('refuse');
    let answer: (verdict: LimitVerdict) => void = () => undefined;
    bench.shared.take = () => new Promise<LimitVerdict>((resolve) => (answer = resolve));
    const verdict = bench.take();
    bench.now += 1_000;
    bench.wheel.tick();
    answer(ALLOWED);
    expect([await verdict, bench.counted]).toEqual([ALLOWED, 0]);
    expect(bench.wheel.size).toBe(0);
  });

  it.each<[StoreFailureReaction, unknown]>([
    ['local', [[1]]],
    ['allow', [[Number.NaN]]],
    ['refuse', 'overloaded'],
  ])('tells operators in time what it knows while the store does not answer (%s)', async (reaction, known) => {
    const bench = new Bench(reaction);
    bench.shared.mood = 'broken';
    await bench.take().catch(() => undefined);
    bench.shared.mood = 'frozen';
    const asked = bench.store.usage([{ key: 'a', rules: [{ limit: 2, windowMs: 60_000 }] }]);
    bench.pass(260);
    expect(await asked.catch((error: unknown) => (error as { code: string }).code)).toEqual(known);
  });
});
