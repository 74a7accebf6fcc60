import { describe, expect, it } from 'vitest';
import { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { ConcurrencyLimit, type Waiting } from './concurrency-limit.js';

class Bench {
  now = 0;
  readonly wheel = new DeadlineWheel({ now: () => this.now, alarm: () => ({ refresh: () => undefined }) });
  readonly limit: ConcurrencyLimit;
  readonly order: string[] = [];

  constructor(max = 1, maxQueue = 2, maxWaitMs = 1_000) {
    this.limit = new ConcurrencyLimit({ max, maxQueue, maxWaitMs }, this.wheel);
  }

  wait(name: string, waiting: Waiting | undefined = this.limit.wait()): Waiting {
    if (waiting === undefined) throw new Error('the queue is full');
    waiting.entered.then(
      (entered) => this.order.push(`${name} ${entered ? 'entered' : 'gave up'}`),
      (reason: unknown) => this.order.push(`${name} ${String(reason)}`),
    );
    return waiting;
  }

  pass(ms: number): void {
    this.now += ms;
    this.wheel.tick();
  }
}

/** Everything that promises have set off has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ConcurrencyLimit', () => {
  it('[R6] lets so many run at once and has so many wait, first come, first served; further ones are told at once', async () => {
    const bench = new Bench(2);
    expect([bench.limit.tryEnter(), bench.limit.tryEnter(), bench.limit.tryEnter()]).toEqual([true, true, false]);
    bench.wait('first');
    bench.wait('second');
    expect([bench.limit.wait(), bench.limit.running, bench.limit.queued]).toEqual([undefined, 2, 2]);
    bench.limit.leave();
    bench.limit.leave();
    await settled();
    expect(bench.order).toEqual(['first entered', 'second entered']);
    bench.limit.leave();
    bench.limit.leave();
    expect([bench.limit.running, bench.limit.tryEnter()]).toEqual([0, true]);
  });

  it('[R6] has nobody wait longer than allowed', async () => {
    const bench = new Bench();
    bench.limit.tryEnter();
    bench.wait('first');
    bench.pass(600);
    bench.wait('second');
    bench.pass(410);
    await settled();
    expect([bench.order, bench.limit.queued]).toEqual([['first gave up'], 1]);
    bench.limit.leave();
    bench.pass(2_000);
    await settled();
    expect(bench.order).toEqual(['first gave up', 'second entered']);
  });

  it('frees the place of one that is cancelled, wherever it stands, and loses no slot', async () => {
    const bench = new Bench(1, 3);
    bench.limit.tryEnter();
    const [, second] = ['first', 'second', 'third'].map((name) => bench.wait(name));
    second?.cancel('cancelled');
    bench.limit.leave();
    bench.limit.leave();
    bench.limit.leave();
    await settled();
    expect(bench.order).toEqual(['second cancelled', 'first entered', 'third entered']);
    expect([bench.limit.running, bench.limit.queued, bench.wheel.size]).toEqual([0, 0, 0]);
  });

  it('leaves a slot with whoever was cancelled too late, who gives it back', async () => {
    const bench = new Bench();
    bench.limit.tryEnter();
    const waiting = bench.wait('first');
    bench.limit.leave();
    waiting.cancel('cancelled');
    await settled();
    expect([bench.order, bench.limit.running]).toEqual([['first entered'], 1]);
  });

  it('lets those who gave their slot up for a while go first', async () => {
    const bench = new Bench(1, 1);
    bench.limit.tryEnter();
    bench.wait('new');
    bench.wait('returning', bench.limit.waitFirst());
    bench.pass(5_000);
    bench.wait('newer');
    bench.limit.leave();
    await settled();
    expect(bench.order).toEqual(['new gave up', 'returning entered']);
  });

  it('lets nobody wait where waiting is off', () => {
    for (const bench of [new Bench(1, 0), new Bench(1, 5, 0)]) {
      bench.limit.tryEnter();
      expect(bench.limit.wait()).toBeUndefined();
    }
  });
});
