import { describe, expect, it } from 'vitest';
import { merged } from './merge.js';

describe('merged', () => {
  it('[W5] joins lists in the order of the inputs, elements unchanged', () => {
    expect(merged('concat', { north: [1, [2]], none: [], south: [null] })).toEqual([1, [2], null]);
  });

  it('[W5] puts each input under its name, whatever the name', () => {
    const inputs = Object.fromEntries([
      ['a', 1],
      ['__proto__', { polluted: true }],
    ]) as Record<string, unknown>;
    const result = merged('object', inputs) as Record<string, unknown>;
    expect(Object.keys(result)).toEqual(['a', '__proto__']);
    expect(result['polluted']).toBeUndefined();
  });

  it('[W5] puts lists of one length side by side', () => {
    expect(merged('zip', { id: [1, 2], name: ['Ada', 'Alan'] })).toEqual([
      { id: 1, name: 'Ada' },
      { id: 2, name: 'Alan' },
    ]);
    expect(merged('zip', { id: [] })).toEqual([]);
  });

  it.each<[Record<string, unknown>, unknown]>([
    [{ a: null, b: undefined, c: 0, d: 1 }, 0],
    [{ a: false }, false],
    [{ a: null }, null],
  ])('[W5] takes the first of %j that is not null', (inputs, result) => {
    expect(merged('first', inputs)).toBe(result);
  });

  it('names the input that is no list', () => {
    expect(() => merged('concat', { a: [1], b: 'text' })).toThrow(
      'The input "b" is no list; the mode concat takes lists',
    );
    expect(() => merged('zip', { a: { length: 1 } })).toThrow('The input "a" is no list');
  });

  it('names the lengths that differ', () => {
    expect(() => merged('zip', { a: [1], b: [1, 2] })).toThrow('these have: a 1, b 2');
  });

  it.each(['concat', 'object', 'zip', 'first'] as const)('%s refuses to make something of nothing', (mode) => {
    expect(() => merged(mode, {})).toThrow('MergeNode has no inputs');
  });
});
