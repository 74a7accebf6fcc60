import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_FAULTS } from './fault.js';
import { SchemaCompiler, type SchemaSource } from './schema-compiler.js';

const compiler = new SchemaCompiler();
const listed = async (source: SchemaSource): Promise<unknown> => (await compiler.compile(source, 'input')).jsonSchema;
const parsed = async (source: SchemaSource, value: unknown): Promise<unknown> =>
  (await compiler.compile(source, 'input')).parse(value);

const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'number', minimum: 0 } },
  required: ['name'],
  additionalProperties: false,
};

/** The same schema in three libraries, two of which can list themselves. */
const libraries: readonly (readonly [string, SchemaSource])[] = [
  ['zod', z.object({ name: z.string(), age: z.number().min(0).optional() })],
  ['ArkType', type({ name: 'string', 'age?': 'number >= 0' })],
  [
    'Valibot with a JSON Schema beside it',
    {
      schema: v.object({ name: v.string(), age: v.optional(v.pipe(v.number(), v.minValue(0))) }),
      jsonSchema: { type: 'object', properties: PERSON.properties, required: ['name'] },
    },
  ],
];

describe.each(libraries)('[S14] a schema of %s', (_library, schema) => {
  it('is listed, closed', async () => {
    expect(await listed(schema)).toEqual(PERSON);
  });

  it('lets a valid value pass', async () => {
    expect(await parsed(schema, { name: 'Ann', age: 3 })).toEqual({ ok: true, value: { name: 'Ann', age: 3 } });
  });

  it('[S4] names every fault with its path', async () => {
    const message = expect.any(String) as string;
    expect(await parsed(schema, { name: 1, age: -1, evil: 1 })).toEqual({
      ok: false,
      faults: expect.arrayContaining([
        { path: 'name', message },
        { path: 'age', message },
        { path: 'evil', message: 'is not known here; known: name, age' },
      ]) as unknown,
    });
  });

  it('[S4] does not lose an unknown property silently', async () => {
    expect(await parsed(schema, { name: 'Ann', evil: 1 })).toMatchObject({ ok: false, faults: [{ path: 'evil' }] });
  });
});

describe('compileStandardSchema', () => {
  it('[S14] refuses a bare Valibot schema and says how to write it', async () => {
    const bare = v.object({ name: v.string() });
    await expect(listed(bare)).rejects.toThrow(/valibot.*carries no JSON Schema.*write \{ schema, jsonSchema/);
  });

  it.each([
    ['a date', z.date()],
    ['a bigint', z.bigint()],
    ['a symbol', z.symbol()],
    ['a map', z.map(z.string(), z.number())],
    ['a custom type', z.custom<Buffer>()],
    ['undefined', z.undefined()],
  ])('[S14] refuses %s of zod, which JSON cannot say, with the fix', async (_what, inner) => {
    await expect(listed(z.object({ inner }))).rejects.toThrow(
      /zod cannot write this schema.*or write \{ schema, jsonSch/,
    );
  });

  it('lists a date of zod with a JSON Schema beside it', async () => {
    const schema = z.object({ on: z.coerce.date() });
    const jsonSchema = { type: 'object', properties: { on: { type: 'string', format: 'date' } } };
    expect(await parsed({ schema, jsonSchema }, { on: '2026-11-22' })).toEqual({
      ok: true,
      value: { on: new Date('2026-11-22') },
    });
  });

  it('[S4] applies defaults and lists the property as optional', async () => {
    const schema = z.object({ limit: z.number().default(10) });
    expect(await listed(schema)).not.toHaveProperty('required');
    expect(await parsed(schema, {})).toEqual({ ok: true, value: { limit: 10 } });
  });

  it('lists what a caller sends, where a schema converts it', async () => {
    const schema = z.object({ length: z.string().transform((text) => text.length) });
    expect(await listed(schema)).toMatchObject({ properties: { length: { type: 'string' } } });
    expect(await parsed(schema, { length: 'four' })).toEqual({ ok: true, value: { length: 4 } });
  });

  it('lists what a target returns, for output', async () => {
    const schema = z.object({ length: z.string().transform(Number).pipe(z.number()) });
    const { jsonSchema } = await compiler.compile(schema, 'output');
    expect(jsonSchema).toMatchObject({ properties: { length: { type: 'number' } } });
  });

  it('waits for asynchronous checks', async () => {
    const schema = z.object({ name: z.string().refine(async (name) => Promise.resolve(name !== 'taken'), 'is taken') });
    expect(await parsed(schema, { name: 'taken' })).toEqual({
      ok: false,
      faults: [{ path: 'name', message: 'is taken' }],
    });
    expect(await parsed(schema, { name: 'free' })).toMatchObject({ ok: true });
  });

  it('[S4] lets unknown properties pass where the schema allows them', async () => {
    const value = { a: 1, other: 2 };
    for (const schema of [z.looseObject({ a: z.number() }), z.object({ a: z.number() }).catchall(z.number())]) {
      expect(await parsed(schema, value)).toEqual({ ok: true, value });
    }
  });

  it('[S4] refuses an unknown property in what an object may be null', async () => {
    const schema = z.object({ filter: z.object({ city: z.string() }).nullable() });
    expect(await parsed(schema, { filter: null })).toMatchObject({ ok: true });
    expect(await parsed(schema, { filter: { city: 'Bern', evil: 1 } })).toMatchObject({
      faults: [{ path: 'filter.evil' }],
    });
  });

  it('[S4] refuses what belongs to another branch of a discriminated union', async () => {
    const schema = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), x: z.number() }),
      z.object({ kind: z.literal('b'), x: z.number(), y: z.number().optional() }),
    ]);
    expect(await listed(schema)).toMatchObject({ type: 'object' });
    expect(await parsed(schema, { kind: 'b', x: 1, y: 2 })).toMatchObject({ ok: true });
    expect(await parsed(schema, { kind: 'a', x: 1, y: 2 })).toMatchObject({ ok: false, faults: [{ path: 'y' }] });
  });

  it('[S4] refuses an unknown property at any depth of a recursive schema', async () => {
    interface Tree {
      readonly name: string;
      readonly children?: readonly Tree[] | undefined;
    }
    const tree: z.ZodType<Tree> = z.object({ name: z.string(), children: z.lazy(() => tree.array()).optional() });
    const good = { name: 'a', children: [{ name: 'b', children: [{ name: 'c' }] }] };
    const bad = { name: 'a', children: [{ name: 'b', children: [{ name: 'c', evil: 1 }] }] };
    expect(await parsed(tree, good)).toEqual({ ok: true, value: good });
    expect(await parsed(tree, bad)).toMatchObject({ ok: false, faults: [{ path: 'children[0].children[0].evil' }] });
  });

  it.each([
    ['zod', z.strictObject({ o: z.strictObject({ a: z.number() }) })],
    ['ArkType', type({ '+': 'reject', o: { '+': 'reject', a: 'number' } })],
  ])('names each fault once where the schema of %s is strict itself', async (_library, schema) => {
    const { faults } = (await parsed(schema, { o: { b: 1, c: 2 } })) as { faults: { path: string }[] };
    expect(faults.map(({ path }) => path).toSorted()).toEqual(['o.a', 'o.b', 'o.c']);
  });

  it('[S4] names at most twenty faults of a value with thousands', async () => {
    const result = await parsed(z.object({ list: z.array(z.number()) }), { list: Array(5_000).fill('x') });
    expect((result as { faults: unknown[] }).faults).toHaveLength(MAX_FAULTS);
  });
});

describe('SchemaCompiler', () => {
  it.each([
    ['a text', z.string()],
    ['a list', z.array(z.string())],
    ['a union with a text', z.union([z.object({ a: z.string() }), z.string()])],
    ['a raw schema without a type', { properties: {} }],
  ])('refuses %s as arguments, which are an object in MCP', async (_what, schema) => {
    await expect(listed(schema)).rejects.toThrow('must have type "object" at its root');
  });

  it('takes any type as a result', async () => {
    const { jsonSchema } = await compiler.compile(z.array(z.string()), 'output');
    expect(jsonSchema).toEqual({ type: 'array', items: { type: 'string' } });
  });
});
