import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseText } from './parse-text.js';
import { schemaTree } from './schema-tree.js';

const parse = (schema: z.ZodType, text: string) => {
  const parsed = parseText(schemaTree(schema), text);
  return parsed.ok ? parsed.value : 'REFUSED';
};

describe('parseText', () => {
  it.each([
    [z.string(), '12', '12'],
    [z.string(), '', ''],
    [z.number(), ' 12 ', 12],
    [z.number(), '-1.5e3', -1500],
    [z.number().int().default(3), '4', 4],
    [z.coerce.number(), '4', 4],
    [z.number(), '', 'REFUSED'],
    [z.number(), '0x10', 'REFUSED'],
    [z.number(), 'Infinity', 'REFUSED'],
    [z.number(), '1e999', 'REFUSED'],
    [z.number(), '12px', 'REFUSED'],
    [z.boolean(), 'TRUE', true],
    [z.boolean(), '0', false],
    [z.boolean().optional(), 'false', false],
    [z.boolean(), 'yes please', 'REFUSED'],
    [z.boolean(), '', 'REFUSED'],
    [z.enum(['json', 'pretty']), 'json', 'json'],
    [z.enum(['json', 'pretty']), 'xml', 'REFUSED'],
    [z.literal([1, 2]), '2', 2],
    [z.array(z.string()), 'a, b,,c', ['a', 'b', 'c']],
    [z.array(z.string()), '', []],
    [z.array(z.string()), '["a, b"]', ['a, b']],
    [z.array(z.string()), '["a"', 'REFUSED'],
    [z.array(z.number()), '1,2', [1, 2]],
    [z.array(z.number()), '1,x', 'REFUSED'],
    [z.array(z.strictObject({ a: z.number() })), '[{"a": 1}]', [{ a: 1 }]],
    [z.array(z.strictObject({ a: z.number() })), '[{"__proto__": 1}]', 'REFUSED'],
    [z.union([z.literal(false), z.number(), z.string()]), 'false', false],
    [z.union([z.literal(false), z.number(), z.string()]), '7', 7],
    [z.union([z.literal(false), z.number(), z.string()]), 'seven', 'seven'],
    [z.union([z.string(), z.array(z.string())]), 'a,b', 'a,b'],
    [z.union([z.string(), z.array(z.string())]), '["a","b"]', ['a', 'b']],
    [z.union([z.boolean(), z.array(z.string())]), 'a,b', ['a', 'b']],
    [z.string().transform(Number), '5', '5'],
    [z.preprocess((value) => value, z.number()), '5', 5],
    [z.unknown(), '{"a":1}', { a: 1 }],
    [z.unknown(), 'text', 'text'],
  ])('row %#', (schema, text, value) => {
    expect(parse(schema, text)).toEqual(value);
  });
});
