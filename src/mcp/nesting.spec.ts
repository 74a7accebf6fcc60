import { describe, expect, it } from 'vitest';
import { MAX_NESTING, isNestedTooDeeply } from './nesting.js';

const arrays = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const objects = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

describe('nesting', () => {
  it.each([arrays, objects])('is allowed up to the limit: %o', (nested) => {
    expect(isNestedTooDeeply(nested(MAX_NESTING))).toBe(false);
    expect(isNestedTooDeeply(nested(MAX_NESTING + 1))).toBe(true);
  });

  it('is found wherever it is, however deep it goes on', () => {
    expect(isNestedTooDeeply([1, 'a', null, { b: [], c: arrays(100_000) }])).toBe(true);
  });

  it('has nothing to do with breadth', () => {
    expect(isNestedTooDeeply(Array.from({ length: 10_000 }, () => ({ a: [] })))).toBe(false);
  });
});
