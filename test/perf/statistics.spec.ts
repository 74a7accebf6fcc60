import { describe, expect, it } from 'vitest';
import { median, pairedRatio, percentile } from './statistics.js';

describe('statistics', () => {
  it('takes the nearest rank as percentile', () => {
    const values = [15, 20, 35, 40, 50];
    expect([0, 30, 40, 50, 100].map((percent) => percentile(values, percent))).toEqual([15, 20, 20, 35, 50]);
  });

  it('takes the middle as median, and of two in the middle their mean', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 2])).toBe(3.5);
  });

  it('compares round by round, so that a slow phase hits both sides', () => {
    expect(pairedRatio([2, 20, 3], [1, 10, 1])).toBe(2);
  });

  it('has none for no values', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => pairedRatio([1, 2], [1])).toThrow(RangeError);
  });
});
