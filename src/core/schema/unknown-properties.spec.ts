import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from './compiled-schema.js';
import { MAX_FAULTS, formatPath } from './fault.js';
import { closeObjects } from './json-schema.js';
import { compileUnknownPropertyCheck } from './unknown-properties.js';

function unknownIn(schema: JsonSchema, value: unknown): readonly string[] {
  return compileUnknownPropertyCheck(closeObjects(schema))(value).map(({ path }) => path);
}

const POINT = { type: 'object', properties: { x: { type: 'number' } } };
const CIRCLE = { type: 'object', properties: { kind: { const: 'circle' }, radius: {} } };
const SQUARE = { type: 'object', properties: { kind: { const: 'square' }, side: {} } };

describe('compileUnknownPropertyCheck', () => {
  it.each([
    ['at the top', POINT, { x: 1, y: 2 }, ['y']],
    ['in a property', { properties: { p: POINT } }, { p: { x: 1, y: 2 } }, ['p.y']],
    ['in items', { properties: { list: { items: POINT } } }, { list: [{ x: 1 }, { y: 2 }] }, ['list[1].y']],
    ['in a map', { additionalProperties: POINT }, { a: { y: 1 } }, ['a.y']],
    ['in a list of lists', { properties: { m: { items: { items: POINT } } } }, { m: [[], [{ y: 1 }]] }, ['m[1][0].y']],
    ['in a definition', { properties: { p: { $ref: '#/$defs/P' } }, $defs: { P: POINT } }, { p: { y: 1 } }, ['p.y']],
    ['under a name that every object has', POINT, { constructor: 1 }, ['constructor']],
    ['under __proto__', POINT, JSON.parse('{"__proto__":1}') as unknown, ['__proto__']],
  ])('[S4] finds one %s', (_where, schema, value, paths) => {
    expect(unknownIn(schema, value)).toEqual(paths);
  });

  it.each([
    ['at the root', { properties: { next: { $ref: '#' } } }],
    [
      'in a definition',
      { properties: { next: { $ref: '#/$defs/N' } }, $defs: { N: { properties: { next: { $ref: '#/$defs/N' } } } } },
    ],
  ])('[S4] finds one deep in a schema that recurs %s', (_where, schema) => {
    expect(unknownIn(schema, { next: { next: { next: { evil: 1 } } } })).toEqual(['next.next.next.evil']);
  });

  it('[S4] judges each place of a tuple by its own schema, and the rest by theirs', () => {
    const schema = { properties: { t: { prefixItems: [POINT, CIRCLE], items: SQUARE } } };
    expect(unknownIn(schema, { t: [{ x: 1 }, { radius: 1 }, { side: 1 }, { side: 2 }] })).toEqual([]);
    expect(unknownIn(schema, { t: [{ side: 1 }, { x: 1 }, { radius: 1 }] })).toEqual([
      't[0].side',
      't[1].x',
      't[2].radius',
    ]);
  });

  describe('in a union', () => {
    it.each([
      ['null', [POINT, { type: 'null' }]],
      ['a text', [{ type: 'string' }, POINT]],
      ['a list', [{ type: ['array', 'string'], items: {} }, POINT]],
    ])('[S4] finds one in an object that might have been %s', (_what, anyOf) => {
      expect(unknownIn({ properties: { p: { anyOf } } }, { p: { x: 1, y: 2 } })).toEqual(['p.y']);
    });

    it.each([
      ['', { oneOf: [CIRCLE, SQUARE] }],
      [' of definitions', { oneOf: [{ $ref: '#/$defs/C' }, { $ref: '#/$defs/S' }], $defs: { C: CIRCLE, S: SQUARE } }],
    ])('[S4] finds one that belongs to another branch%s', (_what, schema) => {
      expect(unknownIn(schema, { kind: 'circle', radius: 1, side: 2 })).toEqual(['side']);
      expect(unknownIn(schema, { kind: 'square', side: 2 })).toEqual([]);
    });

    it('accepts what is known to any branch that the value could be of', () => {
      expect(unknownIn({ anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }] }, { b: 1 })).toEqual([]);
    });

    it('finds nothing where a branch allows everything', () => {
      expect(unknownIn({ anyOf: [POINT, { type: 'object' }] }, { y: 1 })).toEqual([]);
    });

    it('says what the nearest branch does not know', () => {
      const schema = { anyOf: [{ properties: { a: {}, b: {} } }, { properties: { c: {} } }] };
      expect(unknownIn(schema, { a: 1, b: 1, evil: 1 })).toEqual(['evil']);
    });
  });

  it('says which properties are known, and not which value was sent', () => {
    const [fault] = compileUnknownPropertyCheck(closeObjects(POINT))({ passwort: 'hunter2' });
    expect(fault?.message).toContain('known: x');
    expect(JSON.stringify(fault)).not.toContain('hunter2');
  });

  it('[S4] stops at the most faults an answer names, in a list and in an object', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`p${index}`, 1]));
    expect(unknownIn(POINT, many)).toHaveLength(MAX_FAULTS);
    const list = Array.from({ length: 1_000 }, () => ({ y: 1 }));
    expect(unknownIn({ properties: { list: { items: POINT } } }, { list })).toHaveLength(MAX_FAULTS);
  });

  const names = fc.constantFrom('a', 'b', 'c');

  function schemas(depth: number): fc.Arbitrary<JsonSchema> {
    const leaf = fc.constantFrom({}, { $ref: '#' }, { $ref: '#/$defs/D' });
    if (depth === 0) return leaf;
    const inner = schemas(depth - 1);
    const properties = fc.dictionary(names, inner, { maxKeys: 3 });
    return fc.oneof(
      leaf,
      fc.record({ properties }),
      fc.record({ properties, additionalProperties: inner }),
      fc.record({ items: inner }),
      fc.record({ prefixItems: fc.array(inner, { minLength: 1, maxLength: 2 }), items: inner }),
    );
  }

  it('[S4] finds exactly what ajv finds, wherever it is', () => {
    const judge = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
    const shaped = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant(1),
        fc.dictionary(names, tie('value'), { maxKeys: 3 }),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value;
    const root = fc.record({ properties: fc.dictionary(names, schemas(2), { maxKeys: 3 }) });
    fc.assert(
      fc.property(root, root, shaped, (schema, D, given) => {
        const closed = closeObjects({ ...schema, $defs: { D } });
        judge.validate({ ...closed }, given);
        const expected = new Set(
          judge.errors?.map(({ instancePath, params }) =>
            formatPath([...instancePath.split('/').slice(1), String(params['additionalProperty'])]),
          ),
        );
        const found = new Set(compileUnknownPropertyCheck(closed)(given).map(({ path }) => path));
        expect([...found].filter((path) => !expected.has(path))).toEqual([]);
        expect(found.size).toBe(Math.min(expected.size, MAX_FAULTS));
      }),
      { numRuns: 200 },
    );
  });
});
