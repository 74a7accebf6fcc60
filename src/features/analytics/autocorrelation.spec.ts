import { describe, expect, it } from 'vitest';
import { autocorrelation, productsAtAllLags, strongestEcho } from './autocorrelation.js';

/** Repeatable numbers between 0 and 1. */
function* noise(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

const noisy = (length: number, seed = 7): readonly number[] => {
  const source = noise(seed);
  return Array.from({ length }, () => source.next().value - 0.5);
};

const direct = (data: readonly number[], lag: number): number =>
  data.slice(lag).reduce((sum, value, index) => sum + value * data[index]!, 0);

describe('autocorrelation', () => {
  it('is 1 at lag 0 and as long as the data at most', () => {
    expect(autocorrelation([1, 2, 3], 10)).toEqual([1, 8 / 14, 3 / 14]);
  });

  it('is null, not NaN, for zeros', () => {
    expect(autocorrelation([0, 0], 10)).toEqual([null, null]);
    expect(strongestEcho([0, 0])).toBeNull();
  });

  it.each([1, 2, 3, 100, 1_025])('is the same by transform as summed directly, for %d points', (length) => {
    const data = noisy(length);
    const products = productsAtAllLags(data);
    expect(products).toHaveLength(length);
    for (let lag = 0; lag < length; lag++)
      expect(Math.abs(products[lag]! - direct(data, lag))).toBeLessThan(1e-12 * length);
  });
});

describe('the strongest echo', () => {
  it('is none for a single point', () => {
    expect(strongestEcho([3])).toBeNull();
  });

  it('is the first of equals, as with argmax', () => {
    const ties = [1, 1, 1, 1, 0, 1];
    expect(strongestEcho(ties)).toEqual({ lag: 1, correlation: 3 / 5 });
    expect(strongestEcho([...ties, ...Array.from({ length: 5_000 }, () => 0)])).toEqual({ lag: 1, correlation: 3 / 5 });
  });

  it('is not lifted over a threshold by the rounding of the transform', () => {
    const half = [1, 1, 1, 0, 1, ...Array.from({ length: 5_000 }, () => 0)];
    expect(strongestEcho(half)).toEqual({ lag: 1, correlation: 0.5 });
  });

  it('agrees with the direct sums where the transform takes over', () => {
    for (const length of [2_047, 2_048, 2_049, 3_000]) {
      const wave = noisy(length).map((value, index) => value / 4 + (index % 30 === 0 ? 2 : 0));
      expect(strongestEcho(wave)?.lag).toBe(30);
      expect(strongestEcho(wave)?.correlation).toBe(direct(wave, 30) / direct(wave, 0));
    }
  });
});
