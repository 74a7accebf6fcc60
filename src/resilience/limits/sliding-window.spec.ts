import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from './sliding-window.js';

const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 900, max: 1_200 })), {
  maxLength: 300,
});

/** The window as one would write it on a blackboard. */
const modelWait = (times: readonly number[], limit: number, windowMs: number, now: number): number => {
  const decisive = times.at(-limit);
  return decisive === undefined ? 0 : Math.max(0, decisive + windowMs - now);
};

describe('SlidingWindow', () => {
  it('[R4] never lets more than N calls into any window, and refuses only what would be one too many', () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 10 }), (steps, limit, burst) => {
        const window = new SlidingWindow();
        const rules = [
          { limit, windowMs: 1_000 },
          { limit: burst, windowMs: 50 },
        ];
        const allowed: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          const waits = rules.map((rule) => window.waitFor(rule, now));
          expect(waits).toEqual(rules.map((rule) => modelWait(allowed, rule.limit, rule.windowMs, now)));
          if (waits.some((wait) => wait > 0)) continue;
          window.take(now, Math.max(limit, burst), 1_000);
          allowed.push(now);
        }
        for (const { limit: most, windowMs } of rules) {
          for (const from of allowed) {
            expect(allowed.filter((time) => time >= from && time < from + windowMs).length).toBeLessThanOrEqual(most);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('counts what is in a window, however its ring has turned and grown', () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 2_000 }), (steps, windowMs) => {
        const window = new SlidingWindow();
        const times: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          window.take(now, 400, 2_000);
          times.push(now);
        }
        expect(window.count(windowMs, now)).toBe(times.filter((time) => time + windowMs > now).length);
      }),
    );
  });

  it('begins with the calls of another window, and leaves that one alone', () => {
    const one = new SlidingWindow();
    for (let call = 0; call < 12; call++) one.take(call, 10, 1_000);
    const other = new SlidingWindow();
    other.adopt(one);
    other.take(12, 10, 1_000);
    expect([
      one.waitFor({ limit: 10, windowMs: 1_000 }, 12),
      other.waitFor({ limit: 10, windowMs: 1_000 }, 12),
    ]).toEqual([990, 991]);
  });
});
