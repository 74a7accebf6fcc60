import { describe, expect, it } from 'vitest';
import { fromColumn, toColumn, type JsonValue } from './column-values.js';
import type { ColumnKind } from './table.js';

const into = (kind: ColumnKind, value: Exclude<JsonValue, null>): unknown => {
  const converted = toColumn({ name: 'c', kind, nullable: true }, value);
  return converted.ok ? converted.value : converted.expected;
};

describe('a value for a column', () => {
  it.each<[ColumnKind, Exclude<JsonValue, null>, unknown]>([
    ['integer', 5, 5],
    ['integer', '-9223372036854775808', -(2n ** 63n)],
    ['number', 0.5, 0.5],
    ['boolean', false, false],
    ['text', '5', '5'],
    ['bytes', 'AQI=', Buffer.from([1, 2])],
    ['any', 5, 5],
    ['any', 'x', 'x'],
  ])('of kind %s takes %j', (kind, value, expected) => {
    expect(into(kind, value)).toEqual(expected);
  });

  it.each<[ColumnKind, Exclude<JsonValue, null>, string]>([
    ['integer', 1.5, 'must be a whole number; beyond 2^53 as text'],
    ['integer', 2 ** 60, 'must be a whole number; beyond 2^53 as text'],
    ['integer', '9223372036854775808', 'must be a whole number; beyond 2^53 as text'],
    ['integer', '1; DROP', 'must be a whole number; beyond 2^53 as text'],
    ['number', '5', 'must be a number'],
    ['boolean', 1, 'must be true or false'],
    ['text', 5, 'must be text'],
    ['text', 'a\0b', 'must be text'],
    ['bytes', 'no', 'must be base64 text'],
  ])('of kind %s refuses %j', (kind, value, expected) => {
    expect(into(kind, value)).toBe(expected);
  });
});

describe('a value of a column', () => {
  it.each<[ColumnKind | undefined, Parameters<typeof fromColumn>[1], unknown]>([
    ['boolean', 1, true],
    ['boolean', 0, false],
    ['boolean', null, null],
    ['integer', 1, 1],
    ['integer', 2n ** 60n, '1152921504606846976'],
    ['bytes', new Uint8Array([1, 2]), 'AQI='],
    [undefined, 'x', 'x'],
  ])('of kind %s: %s becomes %j', (kind, value, expected) => {
    expect(fromColumn(kind, value)).toBe(expected);
  });
});
