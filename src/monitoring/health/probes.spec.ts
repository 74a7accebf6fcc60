import { describe, expect, it } from 'vitest';
import { HealthDegradedError } from '../../core/index.js';
import { DiskProbe } from './disk-probe.js';
import { EventLoopProbe, type DelayHistogram } from './event-loop-probe.js';
import { healthAnswer } from './health-answer.js';
import { MemoryProbe, type MemoryReading } from './memory-probe.js';

/** A histogram that was told. */
function histogramOf(readingMs: number | undefined): DelayHistogram & { readonly resets: number } {
  return {
    resets: 0,
    count: readingMs === undefined ? 0 : 1,
    percentile: () => (readingMs ?? 0) * 1_000_000,
    enable: () => true,
    disable: () => true,
    reset() {
      (this as { resets: number }).resets++;
    },
  };
}

describe('the check of the event loop', () => {
  it('takes off what the loop is expected to take, and begins anew', () => {
    const histogram = histogramOf(50);
    expect(new EventLoopProbe(100, histogram).check()).toEqual({ delayMs: 30, maxDelayMs: 100 });
    expect(histogram.resets).toBe(1);
  });

  it('is well while there are no readings', () => {
    expect(new EventLoopProbe(100, histogramOf(undefined)).check()).toMatchObject({ delayMs: 0 });
  });

  it('degrades over its limit', () => {
    const probe = new EventLoopProbe(100, histogramOf(121));
    expect(() => probe.check()).toThrow('The event loop is 101 ms late.');
  });
});

describe('the check of memory', () => {
  const reading: MemoryReading = { rss: 2_000, heapUsed: 95, heapLimit: 100 };

  it('is well at its limits', () => {
    const details = new MemoryProbe({ maxHeapRatio: 0.95, maxRssBytes: 2_000 }, () => reading).check();
    expect(details).toEqual({ rssBytes: 2_000, heapUsedBytes: 95, heapLimitBytes: 100, heapRatio: 0.95 });
  });

  it.each([
    [{ maxHeapRatio: 0.94 }, '95 % of the largest possible heap are used.'],
    [{ maxHeapRatio: 1, maxRssBytes: 1_999 }, 'The process has 2000 bytes, more than 1999.'],
  ])('degrades over %o', (limits, message) => {
    const check = (): unknown => new MemoryProbe(limits, () => reading).check();
    expect(check).toThrow(HealthDegradedError);
    expect(check).toThrow(message);
  });
});

describe('the check of disks', () => {
  it('fails for a folder that is not there', async () => {
    const probe = new DiskProbe({ paths: ['.', '/nowhere/at/all'], minFreeBytes: 0 });
    await expect(probe.check()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what a check of a team returned', () => {
  it.each([undefined, null, true, 'fine', { shelves: 7 }, { db: { status: 'up' } }])('is well as %o', (returned) => {
    expect(() => healthAnswer(returned)).not.toThrow();
  });

  it('keeps an object as details', () => {
    expect(healthAnswer({ shelves: 7 })).toEqual({ shelves: 7 });
  });

  it.each([
    [false, 'Error', 'It returned false.'],
    [{ db: { status: 'down' } }, 'Error', 'db is down'],
    [{ a: { status: 'degraded' }, b: { status: 'down', message: 'gone' } }, 'Error', 'gone'],
    [{ a: { status: 'degraded', message: 'slow' } }, 'HealthDegradedError', 'slow'],
  ])('is not well as %o', (returned, name, message) => {
    expect(() => healthAnswer(returned)).toThrow(expect.objectContaining({ name, message }));
  });
});
