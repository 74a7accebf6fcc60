import 'reflect-metadata';
import { type } from 'arktype';
import { Type } from 'class-transformer';
import { IsArray, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ParseResult } from './compiled-schema.js';
import { LARGE } from './large-values.js';
import { SchemaCompiler, type SchemaSource } from './schema-compiler.js';

class RowDto {
  @IsString()
  name!: string;

  @IsNumber()
  count!: number;
}

class TableDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RowDto)
  rows!: RowDto[];

  @IsOptional()
  @IsArray()
  @IsNumber({}, { each: true })
  numbers?: number[];
}

const row = {
  type: 'object',
  properties: { name: { type: 'string' }, count: { type: 'number' } },
  required: ['name', 'count'],
};
const table = {
  type: 'object',
  properties: { rows: { type: 'array', items: row }, numbers: { type: 'array', items: { type: 'number' } } },
  required: ['rows'],
};

const schemas: readonly (readonly [string, SchemaSource])[] = [
  [
    'zod',
    z.object({
      rows: z.array(z.object({ name: z.string(), count: z.number() })),
      numbers: z.array(z.number()).optional(),
    }),
  ],
  ['ArkType', type({ rows: type({ name: 'string', count: 'number' }).array(), 'numbers?': 'number[]' })],
  ['raw JSON Schema', table],
  [
    'Valibot',
    {
      schema: v.object({
        rows: v.array(v.object({ name: v.string(), count: v.number() })),
        numbers: v.optional(v.array(v.number())),
      }),
      jsonSchema: table,
    },
  ],
  ['a DTO', TableDto],
];

const compiler = new SchemaCompiler();

async function parsed(source: SchemaSource, value: unknown): Promise<ParseResult> {
  const { parse } = await compiler.compile(source, 'input');
  return parse(value);
}

const good = (count: number): object[] => Array.from({ length: count }, (_, index) => ({ name: 'a', count: index }));
const rows = LARGE / 2;

describe.each(schemas)('[R7] a large value judged by %s', (_library, source) => {
  it('is taken where it is good', async () => {
    expect(await parsed(source, { rows: good(rows), numbers: Array(LARGE).fill(1) })).toMatchObject({ ok: true });
  });

  it.each([
    ['the first', 0],
    ['one of the first', 7],
    ['one in the middle', rows / 2],
    ['the last', rows - 1],
  ])('is refused for one wrong row, which is named: %s', async (_which, index) => {
    const value = { rows: good(rows).with(index, { name: 'a', count: 'many' }) };
    const result = await parsed(source, value);
    const paths = result.ok ? [] : result.faults.map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(0);
    expect(new Set(paths)).toEqual(new Set([`rows[${index}].count`]));
  });

  it('is refused for a property that nobody knows, deep in it', async () => {
    const result = await parsed(source, { rows: good(rows).with(4_000, { name: 'a', count: 1, more: 2 }) });
    expect(result).toMatchObject({ ok: false, faults: [{ path: 'rows[4000].more' }] });
  });

  it('is refused for what it lacks', async () => {
    const result = await parsed(source, { numbers: Array(LARGE + 1).fill(1) });
    expect(result).toMatchObject({ ok: false, faults: [{ path: 'rows' }] });
  });

  it('costs no more wrong everywhere than good, and being read', async () => {
    const { parse } = await compiler.compile(source, 'input');
    const wrong = JSON.stringify({ rows: Array.from({ length: 25_000 }, () => ({ name: 1 })) });
    const right = JSON.stringify({ rows: good(25_000) });
    const timeOf = async (text: string): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 5; round++) {
        const begun = process.cpuUsage();
        await parse(JSON.parse(text));
        const { user, system } = process.cpuUsage(begun);
        times.push(user + system);
      }
      return Math.min(...times);
    };
    expect(await parse(JSON.parse(wrong))).toMatchObject({ ok: false });
    expect(await timeOf(wrong)).toBeLessThan(2 * (await timeOf(right)));
  });
});

describe('[R7] a large value', () => {
  it('is taken by a library that takes more than it lists, as a small one is', async () => {
    const source = z.object({ numbers: z.array(z.coerce.number()) });
    const value = { numbers: Array(LARGE + 1).fill('1.5') as unknown[] };
    expect(await parsed(source, value)).toEqual({ ok: true, value: { numbers: Array(LARGE + 1).fill(1.5) } });
  });

  it('is refused by a rule that no JSON Schema can say', async () => {
    const source = z.object({ numbers: z.array(z.number()).refine((all) => all.includes(7), 'must contain 7') });
    const result = await parsed(source, { numbers: Array(LARGE + 1).fill(1) });
    expect(result).toEqual({ ok: false, faults: [{ path: 'numbers', message: 'must contain 7' }] });
  });

  it('that is a longer list than allowed is refused before its items are looked at', async () => {
    let looked = 0;
    const item = z.string().refine(() => ++looked > 0);
    const result = await parsed(z.object({ list: z.array(item).max(10) }), { list: Array(LARGE + 1).fill('x') });
    expect(result).toMatchObject({ ok: false, faults: [{ path: 'list' }] });
    expect(looked).toBe(0);
  });

  it('that is a map is refused for one of its values', async () => {
    const members = Array.from({ length: LARGE + 1 }, (_, index) => [`k${index}`, index === 9_000 ? 'x' : 1] as const);
    const result = await parsed(z.object({ map: z.record(z.string(), z.number()) }), {
      map: Object.fromEntries(members),
    });
    expect(result).toMatchObject({ ok: false, faults: [{ path: 'map.k9000' }] });
  });

  it('that is a tuple keeps its positions', async () => {
    const source = z.object({ pair: z.tuple([z.string(), z.array(z.number())]) });
    const result = await parsed(source, { pair: ['x', Array(LARGE + 1).fill('y')] });
    expect(result).toMatchObject({ ok: false, faults: [{ path: 'pair[1][0]' }] });
  });

  it('of more objects than class-validator gets through is refused', async () => {
    expect(await parsed(TableDto, { rows: good(29_999) })).toMatchObject({ ok: true });
    const result = await parsed(TableDto, { rows: good(30_000) });
    expect(result).toMatchObject({ ok: false, faults: [{ path: '' }] });
  });
});
