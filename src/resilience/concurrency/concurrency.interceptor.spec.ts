import { describe, expect, it } from 'vitest';
import { CancelledError, InMemoryTelemetry, type Call, type CallInit, type Policy } from '../../core/index.js';
import { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { resilienceOptions } from '../resilience.options.js';
import { callTo, targetOf } from '../testing-calls.js';
import { ConcurrencyInterceptor } from './concurrency.interceptor.js';
import { ConcurrencyLimits } from './concurrency-limits.js';
import type { EventLoopDelay } from './event-loop-delay.js';

class Bench {
  now = 0;
  readonly loop = { delayMs: 0 };
  readonly telemetry = new InMemoryTelemetry();
  readonly wheel = new DeadlineWheel({ now: () => this.now, alarm: () => ({ refresh: () => undefined }) });
  readonly limits: ConcurrencyLimits;
  readonly interceptor: ConcurrencyInterceptor;

  constructor(limits: object = {}) {
    const options = resilienceOptions.parse({ limits: { maxConcurrency: 10, maxQueue: 1, ...limits } });
    this.limits = new ConcurrencyLimits(this.wheel, options, this.telemetry);
    this.interceptor = new ConcurrencyInterceptor(
      this.limits,
      this.loop as unknown as EventLoopDelay,
      options,
      this.telemetry,
    );
  }

  start(policy: Policy = {}, name = 'search', init: Partial<CallInit> = {}): Running {
    const call = callTo(targetOf({ policy, name }), init);
    const running: Running = { call, began: false, finish: () => undefined, ended: Promise.resolve() };
    const work = new Promise<string>((resolve) => (running.finish = () => resolve('done')));
    running.ended = this.interceptor
      .around(call, () => {
        running.began = true;
        return work;
      })
      .catch((thrown: unknown) => thrown);
    return running;
  }

  runningOf(name: string): number | undefined {
    return this.limits.status().find((limit) => limit.name === name)?.running;
  }

  sample(name: string): readonly unknown[] {
    return this.telemetry
      .samples()
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [...Object.values(labels), value]);
  }
}

interface Running {
  readonly call: Call;
  began: boolean;
  finish: () => void;
  ended: Promise<unknown>;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ConcurrencyInterceptor', () => {
  it('[R6] runs so many calls of a tool, has one wait, refuses the next at once, and leaves other tools alone', async () => {
    const bench = new Bench();
    const policy = { maxConcurrency: 2 };
    const calls = Array.from({ length: 4 }, () => bench.start(policy));
    const other = bench.start({}, 'other');
    await settled();
    expect(calls.map(({ began }) => began)).toEqual([true, true, false, false]);
    expect(other.began).toBe(true);
    expect(await calls[3]?.ended).toMatchObject({ code: 'overloaded', details: { retryAfter: 1 } });
    expect(bench.sample('rookery_overloaded_total')).toEqual([['search', 'queue_full', 1]]);
    expect(bench.sample('rookery_queue_length')).toEqual([
      ['all', 0],
      ['tool:search', 1],
    ]);
    calls[0]?.finish();
    await settled();
    expect(calls[2]?.began).toBe(true);
    for (const { finish } of [...calls, other]) finish();
    expect(await Promise.all([calls[1]?.ended, calls[2]?.ended, other.ended])).toEqual(['done', 'done', 'done']);
    expect([bench.runningOf('all'), bench.runningOf('tool:search')]).toEqual([0, 0]);
    expect(bench.sample('rookery_queue_length')).toContainEqual(['tool:search', 0]);
  });

  it('[R6] bounds what runs in all, and the time a call waits', async () => {
    const bench = new Bench({ maxConcurrency: 1, maxQueue: 5, maxWaitMs: 200 });
    const [first, second] = [bench.start({}, 'one'), bench.start({ maxConcurrency: 1 }, 'two')];
    bench.now += 210;
    bench.wheel.tick();
    expect(await second.ended).toMatchObject({ code: 'overloaded' });
    expect(bench.runningOf('tool:two')).toBe(0);
    expect(bench.sample('rookery_overloaded_total')).toEqual([['two', 'wait', 1]]);
    first.finish();
    await first.ended;
    expect(bench.runningOf('all')).toBe(0);
  });

  it('[S11] frees the slot of a call that was cancelled, though its work goes on, and takes a waiting one out of line', async () => {
    const bench = new Bench({ maxConcurrency: 1 });
    const [hanging, waiting] = [bench.start(), bench.start()];
    waiting.call.abort(new CancelledError());
    expect(await waiting.ended).toMatchObject({ code: 'cancelled' });
    hanging.call.abort(new CancelledError());
    expect(bench.runningOf('all')).toBe(0);
    const next = bench.start();
    expect(next.began).toBe(true);
    hanging.finish();
    await hanging.ended;
    expect(bench.runningOf('all')).toBe(1);
  });

  it('runs inner calls in the place of the outer one, within the limits of their own targets', async () => {
    const bench = new Bench({ maxConcurrency: 1, maxQueue: 0 });
    const outer = bench.start();
    const inner = bench.start({ maxConcurrency: 1 }, 'inner', { parent: outer.call });
    expect(inner.began).toBe(true);
    const further = bench.start({ maxConcurrency: 1 }, 'inner', { parent: outer.call });
    expect(await further.ended).toMatchObject({ code: 'overloaded' });
  });

  it('[R6] takes no new calls while the event loop is too late, and finishes what it has', async () => {
    const bench = new Bench({ eventLoopDelayMs: 100 });
    const running = bench.start();
    bench.loop.delayMs = 101;
    expect(await bench.start().ended).toMatchObject({ code: 'overloaded' });
    expect(bench.start({}, 'inner', { parent: running.call }).began).toBe(true);
    expect(bench.sample('rookery_overloaded_total')).toEqual([['search', 'event_loop', 1]]);
    bench.loop.delayMs = 0;
    expect(bench.start().began).toBe(true);
  });

  it('gives its slots up while it waits for a person, and is first in line when it goes on', async () => {
    const bench = new Bench({ maxConcurrency: 1, maxQueue: 5 });
    let answer: (value: unknown) => void = () => undefined;
    const client = {
      progress: () => undefined,
      log: () => undefined,
      supports: () => true,
      ask: () => new Promise((resolve) => (answer = resolve)),
      once: async <T>(_call: Call, _key: string, effect: () => T | Promise<T>): Promise<T> => effect(),
      releaseStream: () => undefined,
      continueAsTask: () => Promise.resolve(false),
    };
    const asking = bench.start({}, 'asking', { client });
    const asked = asking.call.elicitUrl({ message: 'Sign in', url: 'https://example.com' });
    const other = bench.start();
    const waiting = bench.start();
    await settled();
    expect([other.began, waiting.began]).toEqual([true, false]);
    answer({ action: 'accept' });
    let answered = false;
    void asked.then(() => (answered = true));
    await settled();
    expect(answered).toBe(false);
    other.finish();
    await asked;
    await settled();
    expect(waiting.began).toBe(false);
    asking.finish();
    await settled();
    expect(waiting.began).toBe(true);
    waiting.finish();
    await waiting.ended;
    expect(bench.runningOf('all')).toBe(0);
  });
});
