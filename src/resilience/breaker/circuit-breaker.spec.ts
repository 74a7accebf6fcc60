import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type BreakerState } from './circuit-breaker.js';

const SETTINGS = { failureThreshold: 3, timeoutMs: 1_000, halfOpenMaxCalls: 2 };

class Bench {
  now = 0;
  readonly heard: string[] = [];
  readonly breaker = new CircuitBreaker(SETTINGS, () => this.now);

  constructor() {
    this.breaker.onChange(({ from, to }) => this.heard.push(`${from} → ${to}`));
  }

  enter(): number {
    const permit = this.breaker.enter();
    if (permit === undefined) throw new Error('refused');
    return permit;
  }

  open(): this {
    for (let fault = 0; fault < SETTINGS.failureThreshold; fault++) this.breaker.failed(this.enter());
    return this;
  }

  halfOpen(): number {
    this.open().now += SETTINGS.timeoutMs;
    return this.enter();
  }
}

describe('CircuitBreaker', () => {
  it('[R5] opens after so many faults in a row; a success between them begins anew', () => {
    const { breaker } = new Bench();
    for (const fault of [true, true, false, true, true]) {
      const permit = breaker.enter() as number;
      if (fault) breaker.failed(permit);
      else breaker.succeeded(permit);
    }
    expect(breaker.state).toBe('closed');
    breaker.failed(breaker.enter() as number);
    expect(breaker.state).toBe('open');
  });

  it('[R5] refuses at once while open, with the time left', () => {
    const bench = new Bench().open();
    bench.now += 400;
    expect([bench.breaker.enter(), bench.breaker.retryAfterMs]).toEqual([undefined, 600]);
  });

  it('[R5] admits at most so many calls while half open, and closes on success', () => {
    const bench = new Bench();
    const permit = bench.halfOpen();
    bench.enter();
    expect([bench.breaker.enter(), bench.breaker.state]).toEqual([undefined, 'half-open']);
    bench.breaker.succeeded(permit);
    expect(bench.breaker.state).toBe('closed');
    expect(bench.heard).toEqual(['closed → open', 'open → half-open', 'half-open → closed']);
  });

  it('[R5] opens again when a trial fails, for the whole time', () => {
    const bench = new Bench();
    const permit = bench.halfOpen();
    bench.now += 300;
    bench.breaker.failed(permit);
    expect([bench.breaker.state, bench.breaker.retryAfterMs]).toEqual(['open', SETTINGS.timeoutMs]);
  });

  it('[R5] takes no notice of ends that say nothing about the tool, and gives their place to another', () => {
    const bench = new Bench();
    const permits = [bench.halfOpen(), bench.enter()];
    bench.breaker.ignored(permits[0] as number);
    expect(bench.enter()).toBe(permits[1]);
    expect(bench.breaker.state).toBe('half-open');
  });

  it('[R5] ignores what comes back from an earlier period', () => {
    const bench = new Bench();
    const [lateFault, lateSuccess] = [bench.enter(), bench.enter()];
    const trial = bench.halfOpen();
    bench.breaker.succeeded(lateSuccess);
    bench.breaker.failed(lateFault);
    bench.breaker.ignored(lateFault);
    bench.enter();
    expect([bench.breaker.state, bench.breaker.enter()]).toEqual(['half-open', undefined]);
    bench.breaker.succeeded(trial);
    bench.breaker.failed(trial);
    expect([bench.breaker.state, bench.breaker.faults]).toEqual(['closed', 0]);
  });

  it('makes room for other trials when nothing is heard of the first ones', () => {
    const bench = new Bench();
    const hanging = [bench.halfOpen(), bench.enter()];
    bench.now += SETTINGS.timeoutMs;
    const trial = bench.enter();
    bench.breaker.failed(hanging[0] as number);
    expect(bench.breaker.state).toBe('half-open');
    bench.breaker.succeeded(trial);
    expect(bench.breaker.state).toBe('closed');
  });

  it('closes by hand, from any state', () => {
    const bench = new Bench().open();
    bench.breaker.reset();
    bench.breaker.failed(bench.enter());
    bench.breaker.reset();
    expect([bench.breaker.state, bench.breaker.faults]).toEqual(['closed', 0]);
  });

  it('[R5] behaves as its model in any sequence of calls, ends and waits', () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('enter' as const) }),
      fc.record({ act: fc.constantFrom('succeeded' as const, 'failed' as const, 'ignored' as const), which: fc.nat() }),
      fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
      fc.record({ act: fc.constant('reset' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let now = 0;
        const breaker = new CircuitBreaker(SETTINGS, () => now);
        const model = { state: 'closed' as BreakerState, faults: 0, since: 0, trials: 0, period: 0 };
        const become = (state: BreakerState): void => {
          Object.assign(model, { state, faults: 0, trials: 0, since: now, period: model.period + 1 });
        };
        const open: { readonly permit: number; readonly period: number }[] = [];
        for (const { act, ...rest } of steps) {
          if (act === 'wait') now += (rest as { ms: number }).ms;
          else if (act === 'reset') {
            breaker.reset();
            if (model.state === 'closed') model.faults = 0;
            else become('closed');
          } else if (act === 'enter') {
            const permit = breaker.enter();
            if (model.state !== 'closed' && now - model.since >= SETTINGS.timeoutMs) become('half-open');
            const admitted =
              model.state === 'closed' || (model.state === 'half-open' && model.trials < SETTINGS.halfOpenMaxCalls);
            expect(permit !== undefined).toBe(admitted);
            if (permit !== undefined) {
              if (model.state === 'half-open') model.trials++;
              open.push({ permit, period: model.period });
            }
          } else if (open.length > 0) {
            const [ended] = open.splice((rest as { which: number }).which % open.length, 1) as [(typeof open)[number]];
            breaker[act](ended.permit);
            if (ended.period === model.period) {
              if (act === 'ignored' && model.state === 'half-open') model.trials--;
              if (act === 'succeeded' && model.state === 'half-open') become('closed');
              else if (act === 'succeeded') model.faults = 0;
              if (act === 'failed') {
                model.faults++;
                if (model.state === 'half-open' || model.faults >= SETTINGS.failureThreshold) become('open');
              }
            }
          }
          expect(breaker.state).toBe(model.state);
        }
      }),
      { numRuns: 500 },
    );
  });
});
