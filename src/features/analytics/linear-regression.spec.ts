import { describe, expect, it } from 'vitest';
import { linearRegression } from './linear-regression.js';

describe('linear regression', () => {
  it('finds a perfect line', () => {
    expect(linearRegression([0, 1, 2, 3], [1, 3, 5, 7])).toMatchObject({
      slope: 2,
      intercept: 1,
      correlation: 1,
      standardError: 0,
    });
  });

  it('knows no line through one point, or through several above each other', () => {
    const none = { slope: null, intercept: null, correlation: 0, pValue: null, standardError: null };
    expect(linearRegression([0], [5])).toEqual(none);
    expect(linearRegression([2, 2, 2], [1, 2, 3])).toEqual(none);
  });

  it('finds a flat line, and nothing significant, in a constant that binary cannot hold', () => {
    expect(linearRegression([0, 1, 2], [0.1, 0.1, 0.1])).toMatchObject({
      slope: 0,
      correlation: 0,
      pValue: 1,
      standardError: 0,
    });
  });

  it('takes a line through two points for certain, as SciPy does', () => {
    expect(linearRegression([0, 1], [3, 4])).toMatchObject({ slope: 1, pValue: 0, standardError: 0 });
    expect(linearRegression([0, 1], [3, 3])).toMatchObject({ slope: 0, pValue: 1, standardError: 0 });
  });
});
