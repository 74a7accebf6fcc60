import { describe, expect, it } from 'vitest';
import { EventLoopDelay, type DelayHistogram } from './event-loop-delay.js';

const reading = (meanMs: number, count = 25): DelayHistogram => ({
  mean: meanMs * 1_000_000,
  count,
  enable: () => true,
  disable: () => true,
  reset: () => undefined,
});

describe('EventLoopDelay', () => {
  it('[R6] reads what comes on top of the interval that the loop is expected in', () => {
    const delays = [reading(20.4), reading(220), reading(15), reading(Number.NaN, 0)].map((histogram) => {
      const delay = new EventLoopDelay(histogram);
      delay.sample();
      return Math.round(delay.delayMs);
    });
    expect(delays).toEqual([0, 200, 0, 0]);
  });

  it('[R6] takes nothing from the pause of a start', async () => {
    const delay = new EventLoopDelay();
    delay.start();
    const end = performance.now() + 600;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(delay.delayMs).toBe(0);
    delay.stop();
  });

  it('[R6] sees a loop that is blocked', async () => {
    const delay = new EventLoopDelay();
    delay.start();
    const seen: number[] = [];
    for (let block = 0; block < 8; block++) {
      const end = performance.now() + 120;
      while (performance.now() < end);
      await new Promise((resolve) => setTimeout(resolve, 30));
      // Its own timer may sample in between, and begin anew.
      seen.push(delay.delayMs);
    }
    delay.sample();
    seen.push(delay.delayMs);
    expect(Math.max(...seen)).toBeGreaterThan(10);
    delay.stop();
    expect(delay.delayMs).toBe(0);
  });
});
