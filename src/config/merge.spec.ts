import { describe, expect, it } from 'vitest';
import { locate, type Located } from './located.js';
import { merge } from './merge.js';

const layer = (value: unknown, label = 'test') => locate(value, { label, interpolated: false });
const plain = ({ value }: Located): unknown =>
  value instanceof Map
    ? Object.fromEntries([...value].map(([key, inner]: [string, Located]) => [key, plain(inner)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value;

describe('merge', () => {
  it.each([
    ['keys of groups', { a: { x: 1, y: 2 } }, { a: { y: 3 } }, { a: { x: 1, y: 3 } }],
    ['nothing below an empty group', { a: { x: 1 } }, { a: null }, { a: { x: 1 } }],
    ['lists, as a whole', { a: [1, 2, 3] }, { a: [4] }, { a: [4] }],
    ['a group over a value', { a: 1 }, { a: { x: 1 } }, { a: { x: 1 } }],
    ['a value over a group', { a: { x: 1 } }, { a: 1 }, { a: 1 }],
    ['null over a value', { a: 1 }, { a: null }, { a: null }],
  ])('replaces %s', (_, lower, upper, merged) => {
    expect(plain(merge(layer(lower), layer(upper)))).toEqual(merged);
  });

  it('keeps what each part remembers of where it was written', () => {
    const { value } = merge(layer({ a: 1, b: 1 }, 'lower'), layer({ b: 2 }, 'upper'));
    expect([...(value as Map<string, Located>).values()].map(({ origin }) => origin.label)).toEqual(['lower', 'upper']);
  });

  it('does not change the layers', () => {
    const lower = layer({ a: { x: 1 } });
    merge(lower, layer({ a: { x: 2 } }));
    expect(plain(lower)).toEqual({ a: { x: 1 } });
  });
});
