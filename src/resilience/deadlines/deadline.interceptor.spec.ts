import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CancelledError,
  InMemoryTelemetry,
  type Call,
  type CallInit,
  type Policy,
  type Target,
} from '../../core/index.js';
import { resilienceOptions } from '../resilience.options.js';
import { callTo, targetOf } from '../testing-calls.js';
import { DeadlineInterceptor } from './deadline.interceptor.js';
import { DeadlineWheel } from './deadline-wheel.js';
import { TimeoutError } from './timeout-error.js';

class Bench {
  /** Milliseconds by which this clock is ahead of the one that calls are stamped with. */
  ahead = 0;
  readonly telemetry = new InMemoryTelemetry();
  readonly wheel = new DeadlineWheel({
    now: () => performance.now() + this.ahead,
    alarm: () => ({ refresh: () => undefined }),
  });
  readonly interceptor: DeadlineInterceptor;

  constructor(timeouts: object = {}) {
    this.interceptor = new DeadlineInterceptor(this.wheel, resilienceOptions.parse({ timeouts }), this.telemetry);
  }

  /** A call under way, whose work ends when told to. */
  start(policy: Policy = {}, init: Partial<CallInit> & { readonly task?: Target['task'] } = {}): Running {
    const { task, ...rest } = init;
    const call = callTo(targetOf({ policy, ...(task === undefined ? {} : { task }) }), rest);
    let finish: (value: string) => void = () => undefined;
    const work = new Promise<string>((resolve) => (finish = resolve));
    const ended = this.interceptor.around(call, () => work).catch((thrown: unknown) => thrown);
    return { call, ended, finish };
  }

  pass(ms: number): void {
    this.ahead += ms;
    this.wheel.tick();
  }
}

interface Running {
  readonly call: Call;
  readonly ended: Promise<unknown>;
  readonly finish: (value: string) => void;
}

// Time passes where a test says so alone.
beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

describe('DeadlineInterceptor', () => {
  it('[S12] ends a call at its deadline for whoever waits, aborts its signal, and drops what comes late', async () => {
    const bench = new Bench();
    const { call, ended, finish } = bench.start({ timeoutMs: 200 });
    const { signal } = call;
    bench.pass(150);
    expect(signal.aborted).toBe(false);
    bench.pass(70);
    expect(signal.aborted).toBe(true);
    finish('late');
    expect(await ended).toMatchObject({
      code: 'timeout',
      message: 'tool "search" did not end within 0.2 s.',
      details: { timeoutMs: 200 },
    });
    expect(bench.telemetry.samples()).toEqual([
      expect.objectContaining({ name: 'rookery_timeouts_total', labels: { target: 'search' }, value: 1 }),
    ]);
  });

  it('[S12] as a stage, has the race of the pipeline end at once, and the same way for work that throws when aborted', async () => {
    const bench = new Bench();
    const target = targetOf({ policy: { timeoutMs: 200 } });
    const step = bench.interceptor.prepare(target);
    const [hanging, obedient] = [callTo(target), callTo(target)];
    const race = async (call: Call, work: () => Promise<unknown>): Promise<unknown> => call.race(step(call, work));
    const ends = [
      race(hanging, () => new Promise(() => undefined)),
      race(
        obedient,
        () =>
          new Promise((_resolve, reject) =>
            obedient.signal.addEventListener('abort', () => reject(new Error('aborted'))),
          ),
      ),
    ].map((end) => end.catch((thrown: unknown) => thrown));
    bench.pass(220);
    expect(await Promise.all(ends)).toEqual([expect.any(TimeoutError), expect.any(TimeoutError)]);
  });

  it('[S12] leaves a call alone that ends in time, and nothing behind', async () => {
    const bench = new Bench();
    const { call, ended, finish } = bench.start({ timeoutMs: 200 });
    finish('in time');
    expect(await ended).toBe('in time');
    bench.pass(1_000);
    expect([call.aborted, bench.wheel.size]).toEqual([false, 0]);
  });

  it('gives the default where a target says nothing, more to those that become tasks, and none for 0', () => {
    const bench = new Bench({ defaultMs: 1_000, taskMs: 9_000 });
    const left = ({ call }: Running): number | undefined =>
      call.deadline === undefined ? undefined : Math.round(call.deadline - call.startedAt);
    expect(left(bench.start())).toBe(1_000);
    expect(left(bench.start({}, { task: 'optional' }))).toBe(9_000);
    expect(left(bench.start({ timeoutMs: 50 }, { task: 'optional' }))).toBe(50);
    expect(left(bench.start({ timeoutMs: 0 }))).toBeUndefined();
    expect(left(new Bench({ defaultMs: 0 }).start())).toBeUndefined();
  });

  it('[S12] counts what the request had waited for before there was a call', async () => {
    const bench = new Bench();
    const { call, ended } = bench.start({ timeoutMs: 200 }, { waitedMs: 150 });
    bench.pass(20);
    expect(call.aborted).toBe(false);
    bench.pass(50);
    expect(await ended).toMatchObject({ code: 'timeout', details: { timeoutMs: 200 } });
    const late = bench.start({ timeoutMs: 200 }, { waitedMs: 250 });
    expect(await late.ended).toMatchObject({ code: 'timeout' });
  });

  it('[S12] passes down: an inner call has no more time than the outer one', async () => {
    const bench = new Bench();
    const outer = bench.start({ timeoutMs: 500 });
    const generous = bench.start({ timeoutMs: 5_000 }, { parent: outer.call });
    const unlimited = bench.start({ timeoutMs: 0 }, { parent: outer.call });
    const quick = bench.start({ timeoutMs: 100 }, { parent: outer.call });
    expect([generous.call.deadline, unlimited.call.deadline]).toEqual([outer.call.deadline, outer.call.deadline]);
    bench.pass(250);
    expect([quick.call.aborted, generous.call.aborted]).toEqual([true, false]);
    bench.pass(260);
    for (const { ended } of [outer, generous, unlimited, quick]) expect(await ended).toMatchObject({ code: 'timeout' });
  });

  it('[S11] ends inner calls with the outer one, for the same reason', async () => {
    const bench = new Bench({ defaultMs: 0 });
    const outer = bench.start();
    const inner = bench.start({}, { parent: outer.call });
    const reason = new CancelledError();
    outer.call.abort(reason);
    expect(await inner.ended).toBe(reason);
    expect(await bench.start({}, { parent: outer.call }).ended).toBe(reason);
  });

  it('takes the deadline that a call came with when it is earlier, and does not run what is too late already', async () => {
    const bench = new Bench();
    const { call } = bench.start({ timeoutMs: 5_000 }, { deadline: performance.now() + 100 });
    bench.pass(150);
    expect(call.aborted).toBe(true);
    const late = callTo(targetOf(), { deadline: performance.now() - 1 });
    const ended = bench.interceptor.around(late, async () => expect.unreachable());
    await expect(ended).rejects.toMatchObject({ code: 'timeout' });
  });

  it('[S12] stands still while the call waits for a person', async () => {
    const bench = new Bench();
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
    const { call } = bench.start({ timeoutMs: 200 }, { client });
    bench.pass(100);
    const asked = call.elicitUrl({ message: 'Sign in', url: 'https://example.com' });
    bench.pass(60_000);
    expect([call.aborted, call.deadline]).toEqual([false, undefined]);
    answer({ action: 'accept' });
    await asked;
    bench.pass(50);
    expect(call.aborted).toBe(false);
    bench.pass(70);
    expect(call.aborted).toBe(true);
  });
});
