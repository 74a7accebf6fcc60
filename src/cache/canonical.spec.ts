import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotCanonicalError, canonical } from './canonical.js';

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, '#undefined', 'null', '1', '#1n', '-0', 'NaN', '[]', '{}'),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a', 'b', '__proto__')), tie('value'), { maxKeys: 4 }),
  ),
}));

/** The same value with the members of every object in another order. */
function permuted(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(permuted);
  if (typeof given !== 'object' || given === null || given instanceof Date) return given;
  return Object.fromEntries(
    Object.entries(given)
      .toReversed()
      .map(([name, member]) => [name, permuted(member)]),
  );
}

/** A member that is undefined is as good as absent, and where an object comes from does not matter. */
function told(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(told);
  if (typeof given !== 'object' || given === null || given instanceof Date) return given;
  return new Map(
    Object.entries(given)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, told(member)]),
  );
}

class Hidden {
  readonly #amount: number;

  constructor(amount: number) {
    this.#amount = amount;
  }

  get double(): number {
    return this.#amount * 2;
  }
}

describe('canonical text', () => {
  it('[R1] is the same whatever the order of members', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(canonical(permuted(given))).toBe(canonical(given));
      }),
    );
  });

  it('[R1] is another for every other value', () => {
    fc.assert(
      fc.property(value, value, (one, other) => {
        expect(canonical(one) === canonical(other)).toBe(isDeepStrictEqual(told(one), told(other)));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, unknown, unknown]>([
    ['zero and its negative', 0, -0],
    ['a number and its text', 1, '1'],
    ['a number and a bigint', 1, 1n],
    ['NaN and null', Number.NaN, null],
    ['NaN and infinity', Number.NaN, Infinity],
    ['undefined and null in a list', [undefined], [null]],
    ['a date and its text', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a list and an object', ['a'], { 0: 'a' }],
    ['one level and two', { a: { b: 1 } }, { 'a:{b': 1 }],
    ['bytes', new Uint8Array([1]), new Uint8Array([2])],
    ['a map and a list', new Map([[1, 2]]), [[1, 2]]],
    ['a URL and its text', new URL('http://a/'), 'http://a/'],
    ['lone surrogates', '\ud800', '\ud801'],
  ])('tells %s apart', (_what, one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });

  it('takes a member that is undefined as absent', () => {
    expect(canonical({ a: 1, b: undefined })).toBe(canonical({ a: 1 }));
  });

  it('sees a DTO whole, and the classes in it', () => {
    class Inner {
      constructor(readonly x: number) {}
    }
    class Dto {
      constructor(readonly inner: Inner) {}
    }
    expect(canonical(new Dto(new Inner(1)))).toBe(canonical(new Dto(new Inner(1))));
    expect(canonical(new Dto(new Inner(1)))).not.toBe(canonical(new Dto(new Inner(2))));
  });

  it.each<[string, unknown]>([
    ['an instance that may hide its state', { money: new Hidden(5) }],
    ['a function', { run: () => 1 }],
    ['a symbol', [Symbol('a')]],
    ['a promise', { later: Promise.resolve() }],
    ['an error', { error: new Error('a') }],
  ])('is not made of %s', (_what, given) => {
    expect(() => canonical(given)).toThrow(NotCanonicalError);
  });

  it('is not made of a cycle', () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(() => canonical(ring)).toThrow(NotCanonicalError);
  });
});
