import { describe, expect, it } from 'vitest';
import { isInRange } from './version-range.js';

describe('a range of versions', () => {
  it.each([
    ['1.2.3', '1.2.3', true],
    ['1.2.4', '1.2.3', false],
    ['1.5.6-r.1', '1.5.6-r.1', true],
    ['1.5.6', '1.5.6-r.1', false],
    ['5.11.0', '^5.11.0', true],
    ['5.99.0', '^5.11.0', true],
    ['5.10.9', '^5.11.0', false],
    ['6.0.0', '^5.11.0', false],
    ['0.5.9', '^0.5.1', true],
    ['0.6.0', '^0.5.1', false],
    ['0.0.3', '^0.0.3', true],
    ['0.0.4', '^0.0.3', false],
    ['v20.19.0', '>=20.19', true],
    ['v20.18.3', '>=20.19', false],
    ['v24.0.0', '>=20.19', true],
  ])('%s in %s: %s', (version, range, inside) => {
    expect(isInRange(version, range)).toBe(inside);
  });

  it.each(['1.x', '~1.2.3', '>=1 <3', '*'])('refuses one of another form: %s', (range) => {
    expect(() => isInRange('1.2.3', range)).toThrow(/not of a form/);
  });
});
