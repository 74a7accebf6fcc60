import { describe, expect, it } from 'vitest';
import { kurtosis, meanInterval, median, pearson, skewness, standardDeviation, standardError } from './statistics.js';

describe('statistics', () => {
  it('takes the middle of an odd number and the mean of the two in the middle of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 2])).toBe(3.5);
    expect(median([1.7e308, 1.6e308])).toBeCloseTo(1.65e308, -300);
  });

  it('leaves the data as it was', () => {
    const data = Object.freeze([3, 1, 2]);
    median(data);
    standardDeviation(data);
    expect(data).toEqual([3, 1, 2]);
  });

  it('finds no deviation in a constant that binary cannot hold', () => {
    expect(standardDeviation([0.1, 0.1, 0.1])).toBe(0);
    expect(standardError([0.1, 0.1, 0.1])).toBe(0);
  });

  it('answers null where nothing is defined', () => {
    expect(standardError([1])).toBeNull();
    expect(meanInterval([1], 0.95)).toBeNull();
    expect(meanInterval([2, 2, 2], 0.95)).toBeNull();
    expect(skewness([2, 2, 2])).toBeNull();
    expect(kurtosis([2, 2, 2])).toBeNull();
    expect(pearson([1], [2])).toBeNull();
    expect(pearson([1, 2, 3], [5, 5, 5])).toBeNull();
  });

  it('never answers more than a perfect correlation', () => {
    const data = Array.from({ length: 1_000 }, (_, index) => index * 0.1);
    expect(pearson(data, data)).toBeLessThanOrEqual(1);
    expect(
      pearson(
        data,
        data.map((value) => -3 * value),
      ),
    ).toBeGreaterThanOrEqual(-1);
  });

  it('refuses pairs that are none', () => {
    expect(() => pearson([1, 2], [1])).toThrow('2 xs and 1 ys');
  });
});
