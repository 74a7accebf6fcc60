import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonSchema, ParseResult } from './compiled-schema.js';
import { MAX_FAULTS } from './fault.js';
import { RawJsonSchemaCompiler } from './raw-json-schema.js';

const compiler = new RawJsonSchemaCompiler();
const parsed = (schema: JsonSchema, value: unknown): ParseResult =>
  compiler.compile(schema, 'input').parse(value) as ParseResult;

function faultsOf(schema: JsonSchema, value: unknown): readonly { readonly path: string; readonly message: string }[] {
  const result = parsed(schema, value);
  return result.ok ? [] : result.faults;
}

const ORDER = {
  type: 'object',
  properties: {
    id: { type: 'integer', minimum: 1, maximum: 9 },
    state: { enum: ['open', 'shut'] },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] } },
  },
  required: ['id'],
};

describe('RawJsonSchemaCompiler', () => {
  it('[S4, S14] lists the schema, closed where it is enforced', () => {
    const { jsonSchema } = compiler.compile(ORDER, 'input');
    const [items] = [ORDER.properties.lines.items];
    const lines = { type: 'array', items: { ...items, additionalProperties: false } };
    expect(jsonSchema).toEqual({ ...ORDER, properties: { ...ORDER.properties, lines }, additionalProperties: false });
  });

  it('leaves the schema of a result as it was written', () => {
    expect(compiler.compile(ORDER, 'output').jsonSchema).toBe(ORDER);
  });

  it.each([
    ['a wrong type', { id: 'x' }, 'id'],
    ['a value below the minimum', { id: 0 }, 'id'],
    ['a value above the maximum', { id: 10 }, 'id'],
    ['a value that is not in the enum', { id: 1, state: 'ajar' }, 'state'],
    ['a missing property', { state: 'open' }, 'id'],
    ['a missing property of an item', { id: 1, lines: [{ sku: 'a' }, {}] }, 'lines[1].sku'],
    ['an item of a wrong type', { id: 1, lines: [7] }, 'lines[0]'],
    ['an unknown property', { id: 1, evil: 1 }, 'evil'],
    ['an unknown property of an item', { id: 1, lines: [{ sku: 'a', evil: 1 }] }, 'lines[0].evil'],
    ['no object', [], ''],
  ])('[S4] refuses %s, naming its path', (_what, value, path) => {
    expect(faultsOf(ORDER, value)).toEqual([{ path, message: expect.any(String) as string }]);
  });

  it('[S4] names every fault', () => {
    const faults = faultsOf(ORDER, { id: 0, state: 'ajar', lines: [{}, 1], evil: 1 });
    expect(faults.map(({ path }) => path).toSorted()).toEqual(['evil', 'id', 'lines[0].sku', 'lines[1]', 'state']);
  });

  it('says what was expected, and not what was sent', () => {
    expect(faultsOf(ORDER, { id: 1, state: 'hunter2' })).toEqual([
      { path: 'state', message: 'must be one of ["open","shut"]' },
    ]);
  });

  it('[S4] applies defaults, of nested objects too', () => {
    const schema = {
      type: 'object',
      properties: {
        limit: { type: 'integer', default: 10 },
        page: { type: 'object', default: {}, properties: { size: { default: 5 } } },
      },
    };
    expect(parsed(schema, {})).toEqual({ ok: true, value: { limit: 10, page: { size: 5 } } });
    expect(parsed(schema, { limit: 3 })).toMatchObject({ value: { limit: 3 } });
  });

  it('[S4] does not give two calls the same default object', () => {
    const schema = { type: 'object', properties: { list: { type: 'array', default: [] } } };
    const { parse } = compiler.compile(schema, 'input');
    const [first, second] = [parse({}), parse({})] as { value: { list: unknown[] } }[];
    first?.value.list.push('mine');
    expect(second?.value.list).toEqual([]);
  });

  it('[S4] follows a recursion to the root of its own document', () => {
    const [one, other] = ['a', 'b'].map((name) => ({
      type: 'object',
      properties: { [name]: {}, next: { $ref: '#' } },
    }));
    const checks = [one, other].map((schema) => compiler.compile(schema as JsonSchema, 'input'));
    const value = { next: { next: { a: 1 } } };
    expect(checks.map(({ parse }) => parse(value))).toMatchObject([
      { ok: true },
      { faults: [{ path: 'next.next.a' }] },
    ]);
  });

  it('[S4] follows a recursive definition', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/N' } } };
    const schema = { ...node, $defs: { N: node } };
    expect(faultsOf(schema, { next: { next: { evil: 1 } } })).toMatchObject([{ path: 'next.next.evil' }]);
  });

  it('knows formats', () => {
    const schema = { type: 'object', properties: { on: { type: 'string', format: 'date' } } };
    expect(faultsOf(schema, { on: '2026-02-30' })).toMatchObject([{ path: 'on' }]);
  });

  it('compiles two schemas of the same $id, and one twice', () => {
    const one = { $id: 'https://example.com/s', type: 'object', properties: { a: { type: 'string' } } };
    const other = { ...one, properties: { a: { type: 'number' } } };
    expect([parsed(one, { a: '' }).ok, parsed(other, { a: '' }).ok, parsed(one, { a: '' }).ok]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it.each([
    ['a keyword of a wrong type', { type: 'objekt' }, /must be equal to one of the allowed values/],
    ['a reference to nowhere', { type: 'object', properties: { a: { $ref: '#/$defs/A' } } }, /#\/\$defs\/A/],
    ['a reference to another document', { $ref: 'https://example.com/s' }, /https:\/\/example.com\/s/],
    ['another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, /draft-07.*2020-12.*convert/],
  ])('refuses a schema with %s', (_what, schema, message) => {
    expect(() => compiler.compile(schema, 'input')).toThrow(message);
  });

  it('takes a schema that names its dialect', () => {
    const schema = { ...ORDER, $schema: 'https://json-schema.org/draft/2020-12/schema' };
    expect(parsed(schema, { id: 1 })).toMatchObject({ ok: true });
  });

  it('[S4] names at most twenty faults', () => {
    const schema = { type: 'object', properties: { list: { type: 'array', items: { type: 'number' } } } };
    expect(faultsOf(schema, { list: Array(1_000).fill('x') })).toHaveLength(MAX_FAULTS);
  });

  it('looks no further than the first fault of a huge list, so that it cannot stall the server', () => {
    const schema = { type: 'object', properties: { list: { type: 'array', items: { type: 'number' } } } };
    const list = Array<unknown>(1_000_000).fill('x');
    let read = 0;
    const counted = new Proxy(list, { get: (target, key) => (read++, Reflect.get(target, key) as unknown) });
    expect(faultsOf(schema, { list: counted })).toHaveLength(1);
    expect(read).toBeLessThan(100);
  });

  it('answers for any JSON at all', () => {
    const { parse } = compiler.compile(ORDER, 'input');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = parse({ id: 1, lines: value }) as ParseResult;
        expect(result.ok || result.faults.length > 0).toBe(true);
      }),
    );
  });
});
