import { describe, expect, it } from 'vitest';
import { transform } from './fourier.js';

describe('Fourier transform', () => {
  it.each([1, 2, 8, 64])('agrees with its definition for %d points', (length) => {
    const re = Float64Array.from({ length }, (_, index) => Math.sin(index * 1.7) + index / 9);
    const im = Float64Array.from({ length }, (_, index) => Math.cos(index * 0.3));
    const expected = Array.from({ length }, (_, frequency) => {
      const sum = { re: 0, im: 0 };
      for (let index = 0; index < length; index++) {
        const angle = (-2 * Math.PI * frequency * index) / length;
        sum.re += re[index]! * Math.cos(angle) - im[index]! * Math.sin(angle);
        sum.im += re[index]! * Math.sin(angle) + im[index]! * Math.cos(angle);
      }
      return sum;
    });
    transform({ re, im });
    for (const [frequency, value] of expected.entries()) {
      expect(re[frequency]).toBeCloseTo(value.re, 11);
      expect(im[frequency]).toBeCloseTo(value.im, 11);
    }
  });

  it('refuses a length that is not a power of two', () => {
    expect(() => transform({ re: new Float64Array(6), im: new Float64Array(6) })).toThrow('6 is not a power of two');
  });
});
