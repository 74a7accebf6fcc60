import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from './compiled-schema.js';
import { closeObjects } from './json-schema.js';

/** As text, since an object with a `then` looks like a promise. */
const IF_THEN = JSON.parse('{"if":{"required":["x"]},"then":{"properties":{"y":{}}}}') as JsonSchema;
const POINT = { type: 'object', properties: { x: { type: 'number' } } };
const CLOSED_POINT = { ...POINT, additionalProperties: false };

const judge = new Ajv2020({ strict: false, validateSchema: false });

/** What a schema accepts, by ajv and not by us. */
function accepts(schema: JsonSchema, value: unknown): boolean {
  return judge.validate({ ...schema }, value);
}

describe('closeObjects', () => {
  it('[S4] closes an object that lists its properties', () => {
    expect(closeObjects(POINT)).toEqual(CLOSED_POINT);
  });

  it('leaves the schema it was given as it was', () => {
    const schema = structuredClone(POINT);
    closeObjects(schema);
    expect(schema).toEqual(POINT);
  });

  it.each([
    ['allows any', { ...POINT, additionalProperties: true }],
    ['gives a schema to others', { ...POINT, additionalProperties: { type: 'string' } }],
    ['names others by pattern', { ...POINT, patternProperties: { '^x-': {} } }],
    ['settles it by unevaluatedProperties', { ...POINT, unevaluatedProperties: true }],
    ['lists no properties', { type: 'object' }],
  ])('[S4] leaves an object open that %s', (_why, schema) => {
    expect(closeObjects(schema)).toEqual(schema);
  });

  it.each([
    ['a property', (inner: object) => ({ type: 'object', properties: { p: inner } })],
    ['items', (inner: object) => ({ type: 'object', properties: { p: { type: 'array', items: inner } } })],
    ['a tuple', (inner: object) => ({ type: 'object', properties: { p: { prefixItems: [inner] } } })],
    ['a map', (inner: object) => ({ type: 'object', properties: { p: { additionalProperties: inner } } })],
    ['a union', (inner: object) => ({ type: 'object', properties: { p: { anyOf: [inner, { type: 'null' }] } } })],
    ['$defs', (inner: object) => ({ type: 'object', properties: { p: { $ref: '#/$defs/I' } }, $defs: { I: inner } })],
  ])('[S4] closes an object in %s', (_where, around) => {
    expect(closeObjects(around(POINT))).toEqual({ ...around(CLOSED_POINT), additionalProperties: false });
  });

  it.each([
    ['beside allOf', { ...POINT, allOf: [{ properties: { y: {} } }] }, { x: 1, y: 2 }],
    ['beside anyOf', { ...POINT, anyOf: [{ properties: { y: {} } }, { required: ['z'] }] }, { x: 1, y: 2 }],
    ['beside then', { ...POINT, ...IF_THEN }, { x: 1, y: 2 }],
    ['beside dependentSchemas', { ...POINT, dependentSchemas: { x: { properties: { y: {} } } } }, { x: 1, y: 2 }],
    ['in two unions', { anyOf: [POINT], oneOf: [{ properties: { y: {} } }] }, { x: 1, y: 2 }],
    [
      'of a definition and more',
      { $ref: '#/$defs/Base', properties: { y: {} }, $defs: { Base: POINT } },
      { x: 1, y: 2 },
    ],
    [
      'of definitions in allOf',
      { allOf: [{ $ref: '#/$defs/Base' }, { properties: { y: {} } }], $defs: { Base: POINT } },
      { x: 1, y: 2 },
    ],
    [
      'of a definition that consists of another',
      { allOf: [{ $ref: '#/$defs/A' }, { properties: { y: {} } }], $defs: { A: { $ref: '#/$defs/B' }, B: POINT } },
      { x: 1, y: 2 },
    ],
    [
      'of a definition with a difficult name',
      { allOf: [{ $ref: '#/$defs/a~1b%20c' }, { properties: { y: {} } }], $defs: { 'a/b c': POINT } },
      { x: 1, y: 2 },
    ],
    [
      'in a nested property that two parts describe',
      { properties: { p: POINT }, allOf: [{ properties: { p: { properties: { y: {} } } } }] },
      { p: { x: 1, y: 2 } },
    ],
    [
      'by an anchor',
      { properties: { p: { $ref: '#a', properties: { y: {} } } }, $defs: { A: { $anchor: 'a', ...POINT } } },
      { p: { x: 1, y: 2 } },
    ],
  ])('[S4] still accepts what an object composed %s accepted', (_how, schema, value) => {
    expect(accepts(closeObjects(schema), value)).toBe(true);
  });

  it('does not turn what a schema forbids around', () => {
    const schema = { type: 'object', properties: { p: { not: POINT } } };
    expect(closeObjects(schema)).toEqual({ ...schema, additionalProperties: false });
  });

  it('is not misled by properties and defaults that are called like keywords', () => {
    const schema = {
      type: 'object',
      properties: { allOf: { type: 'string' }, if: { default: { $ref: '#/nowhere' } }, p: { $ref: '#/$defs/P' } },
      $defs: { P: POINT },
    };
    expect(closeObjects(schema)).toEqual({ ...schema, $defs: { P: CLOSED_POINT }, additionalProperties: false });
  });

  const names = fc.constantFrom('a', 'b', 'c', 'd');

  /** Random schemas of objects, composed or not, that may use the definitions D and E. */
  function schemas(depth: number): fc.Arbitrary<JsonSchema> {
    const leaf = fc.constantFrom({}, { required: ['a'] }, { $ref: '#/$defs/D' }, { $ref: '#/$defs/E' });
    if (depth === 0) return leaf;
    const inner = schemas(depth - 1);
    const parts = {
      properties: fc.dictionary(names, inner, { maxKeys: 3 }),
      allOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
      anyOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
      if: inner,
    };
    return fc.oneof(leaf, fc.record(parts, { requiredKeys: [] }));
  }

  it('[S4] never accepts more, and refuses nothing of which every property is known somewhere', () => {
    const definition = fc.record({ properties: fc.dictionary(names, fc.constant({}), { maxKeys: 2 }) });
    const value = fc.dictionary(names, fc.constant(1), { maxKeys: 4 });
    fc.assert(
      fc.property(schemas(2), definition, definition, value, (schema, D, E, given) => {
        const open = { ...schema, $defs: { D, E } };
        const closed = closeObjects(open);
        // 2020-12 has a word of its own for "known to some part of this object".
        const known = accepts({ ...open, unevaluatedProperties: false }, given);
        expect([known, true]).toContain(accepts(closed, given));
        expect([accepts(open, given), false]).toContain(accepts(closed, given));
      }),
      { numRuns: 200 },
    );
  });
});
