import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeExpected } from './expectation.js';
import { schemaTree, sectionsTree } from './schema-tree.js';
import { nodeAt, settableByVariable } from './schema-walk.js';

describe('schemaTree', () => {
  it('sees through wrappers and keeps what they say', () => {
    const node = schemaTree(z.string().min(8).meta({ secret: true }).describe('the key').optional().readonly());
    expect(node).toMatchObject({ kind: 'string', secret: true, description: 'the key', required: false });
    expect(schemaTree(z.string().meta({ secret: true }).min(8).nullable())).toMatchObject({
      secret: true,
      nullable: true,
    });
    expect(schemaTree(z.number().default(3))).toMatchObject({ required: false, fallback: 3 });
    expect(schemaTree(z.strictObject({}).prefault({}))).toMatchObject({ kind: 'object', required: false });
  });

  it('makes one group of the groups in a union, with every value that a key may have', () => {
    const node = schemaTree(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('file'), path: z.string() }),
        z.strictObject({ type: z.literal('s3'), key: z.string().meta({ secret: true }) }),
      ]),
    );
    expect(nodeAt(node, ['type'])).toMatchObject({ kind: 'enum', values: ['file', 's3'] });
    expect(nodeAt(node, ['key'])).toMatchObject({ secret: true });
    expect(nodeAt(node, ['nothing'])).toBeUndefined();
  });

  it('refuses a schema that may nest without end', () => {
    expect(() => schemaTree(z.lazy(() => z.string()))).toThrow('z.lazy');
  });

  it('knows which keys a variable can set', () => {
    const tree = sectionsTree({
      auth: z.strictObject({ keys: z.record(z.string(), z.strictObject({ id: z.string() })), on: z.boolean() }),
    });
    expect(settableByVariable(tree, ['auth', 'on'])).toBe(true);
    expect(settableByVariable(tree, ['auth'])).toBe(false);
    expect(settableByVariable(tree, ['auth', 'keys'])).toBe(false);
    expect(settableByVariable(tree, ['auth', 'keys', 'bob', 'id'])).toBe(false);
  });
});

describe('describeExpected', () => {
  it.each([
    ['a whole number from 1 to 65535', z.int().min(1).max(65535)],
    ['a number', z.number()],
    ['a whole number above 0', z.int().positive()],
    ['a number of at most 1', z.number().max(1)],
    ['a list of texts', z.array(z.url())],
    ['one of a, b', z.enum(['a', 'b'])],
    ['false or text', z.union([z.literal(false), z.string()])],
    ['true or false', z.boolean().default(true)],
    ['a map of names', z.record(z.string(), z.number())],
  ])('takes %s', (expected, schema) => {
    expect(describeExpected(schemaTree(schema))).toBe(expected);
  });
});
