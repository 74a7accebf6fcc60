import { describe, expect, it } from 'vitest';
import { studentTCdf, studentTQuantile, studentTTwoSided } from './student-t.js';

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe('Student t', () => {
  it.each([1e-9, 0.1, 1, 2.5, 40, 1e6])('has fourteen digits where there is a closed form, at t = %d', (t) => {
    expect(relative(studentTTwoSided(t, 1), (2 * Math.atan(1 / t)) / Math.PI)).toBeLessThan(1e-14);
    const root = Math.sqrt(2 + t * t);
    expect(relative(studentTCdf(-t, 2), 1 / (root * (root + t)))).toBeLessThan(1e-14);
  });

  it.each([1, 2, 3.5, 7, 40, 1_000, 99_999])('has a quantile that inverts the distribution, with df = %d', (df) => {
    for (const probability of [1e-12, 1e-6, 0.005, 0.1, 0.3, 0.49999, 0.6, 0.995]) {
      const there = studentTQuantile(probability, df);
      expect(relative(studentTCdf(there, df), probability)).toBeLessThan(3e-14);
    }
  });

  it('is symmetric around 0', () => {
    expect(studentTQuantile(0.5, 4)).toBe(0);
    expect(studentTQuantile(0.975, 4)).toBe(-studentTQuantile(1 - 0.975, 4));
    expect(studentTCdf(0, 4)).toBe(0.5);
  });

  it('answers 0 rather than NaN for the tail beyond an endless t', () => {
    expect(studentTTwoSided(1e200, 5)).toBe(0);
    expect(studentTTwoSided(Infinity, 5)).toBe(0);
  });
});
