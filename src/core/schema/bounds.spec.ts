import 'reflect-metadata';
import { type } from 'arktype';
import { Type } from 'class-transformer';
import { IsArray, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ParseResult } from './compiled-schema.js';
import { MAX_FAULTS, formatPath } from './fault.js';
import { SchemaCompiler, type SchemaSource } from './schema-compiler.js';

class ListDto {
  @IsOptional()
  @IsArray()
  @IsNumber({}, { each: true })
  list?: number[];

  @IsOptional()
  @IsString()
  name?: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => ListDto)
  next?: ListDto;
}

interface List {
  readonly list?: readonly number[] | undefined;
  readonly name?: string | undefined;
  readonly next?: List | undefined;
}

const zodList: z.ZodType<List> = z.object({
  list: z.array(z.number()).optional(),
  name: z.string().optional(),
  next: z.lazy(() => zodList).optional(),
});
const rawList = {
  type: 'object',
  properties: { list: { items: { type: 'number' } }, name: { type: 'string' }, next: { $ref: '#' } },
};

const recursive: readonly (readonly [string, SchemaSource])[] = [
  ['zod', zodList],
  ['raw JSON Schema', rawList],
  ['a DTO', ListDto],
];
const all = [...recursive, ['ArkType', type({ 'list?': 'number[]', 'name?': 'string' })]] as const;

async function faultsOf(source: SchemaSource, value: unknown): Promise<readonly { path: string; message: string }[]> {
  const { parse } = await new SchemaCompiler().compile(source, 'input');
  const result: ParseResult = await parse(value);
  return result.ok ? [] : result.faults;
}

describe.each(all)('[S4] the faults found by %s', (_library, source) => {
  it('are at most twenty, however long a list is', async () => {
    const faults = await faultsOf(source, { list: Array(20_000).fill('x') });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThanOrEqual(MAX_FAULTS);
  });

  it('are at most twenty, however many unknown properties there are', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`p${index}`, 0]));
    expect(await faultsOf(source, many)).toHaveLength(MAX_FAULTS);
  });

  it('fit on a page, however long the names are that a caller made up', async () => {
    const text = JSON.stringify(await faultsOf(source, { ['x'.repeat(1_000_000)]: 1 }));
    expect(text.length).toBeLessThan(500);
  });
});

describe.each(recursive)('[S4] arguments nested deeper than the stack', (library, source) => {
  it(`are the fault of the caller, for ${library}`, async () => {
    let value: object = {};
    for (let depth = 0; depth < 50_000; depth++) value = { next: value };
    expect(await faultsOf(source, value)).toEqual([{ path: '', message: 'must not be nested so deeply' }]);
  });
});

describe('formatPath', () => {
  it.each([
    [[], ''],
    [['name'], 'name'],
    [['items', 2, 'name'], 'items[2].name'],
    [['items', '2', 'name'], 'items[2].name'],
    [[0], '[0]'],
    [['a b', 'c'], '["a b"].c'],
    [['a', 'x-y', '$z'], 'a.x-y.$z'],
    [['"quoted"', 0], '["\\"quoted\\""][0]'],
  ])('writes %j as %s', (segments, path) => {
    expect(formatPath(segments)).toBe(path);
  });
});
