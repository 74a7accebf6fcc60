import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frozenJson } from './json-value.js';

const KIB = 1024;

describe('frozenJson', () => {
  it('[R1] is what JSON makes of any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        expect(JSON.stringify(frozenJson(given, Infinity))).toBe(JSON.stringify({ value: given }));
      }),
    );
  });

  it('cannot be changed, nor by whoever has the original', () => {
    const original = { list: [{ a: 1 }] };
    const { value } = frozenJson(original, KIB) as { readonly value: typeof original };
    original.list[0] = { a: 2 };
    expect(value).toEqual({ list: [{ a: 1 }] });
    expect(() => value.list.push({ a: 3 })).toThrow(TypeError);
    expect(() => Object.assign(value.list[0] as object, { a: 3 })).toThrow(TypeError);
  });

  it.each<[string, unknown, unknown]>([
    ['null', null, null],
    ['undefined', undefined, undefined],
    ['a date, as text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['NaN, as null', [Number.NaN], [null]],
    [
      'an instance, as its members',
      new (class Point {
        readonly x = 1;
      })(),
      { x: 1 },
    ],
    ['what JSON leaves out, left out', { a: undefined, b: () => 1, c: [undefined] }, { c: [null] }],
  ])('keeps %s', (_what, given, kept) => {
    expect(frozenJson(given, KIB)).toStrictEqual({ value: kept });
  });

  it.each<[string, unknown]>([
    ['bytes', { data: new Uint8Array(1) }],
    ['a Buffer', Buffer.from('a')],
    ['a map', new Map()],
    ['a bigint', { count: 1n }],
    ['a function', () => 1],
  ])('does not keep %s', (_what, given) => {
    expect(frozenJson(given, KIB)).toBe('not_json');
  });

  it('does not keep a cycle', () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(frozenJson(ring, Infinity)).toBe('not_json');
  });

  it('[R1] keeps up to so many bytes, and no more', () => {
    expect(frozenJson('é'.repeat(511), KIB)).toEqual({ value: 'é'.repeat(511) });
    expect(frozenJson('é'.repeat(512), KIB)).toBe('too_large');
    expect(
      frozenJson(
        Array.from({ length: 500 }, () => 'ab'),
        KIB,
      ),
    ).toBe('too_large');
  });

  it('keeps a member called __proto__ as a member', () => {
    const given: unknown = JSON.parse('{"__proto__":{"admin":true}}');
    const { value } = frozenJson(given, KIB) as { readonly value: object };
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true}}');
  });
});
