import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
  type ValidationArguments,
  registerDecorator,
} from 'class-validator';
import { describe, expect, it } from 'vitest';
import type { ParseResult } from './compiled-schema.js';
import { SchemaCompiler, type SchemaSource } from './schema-compiler.js';

class LineDto {
  @IsString()
  sku!: string;

  @IsInt()
  @Min(1)
  quantity = 1;
}

class BaseDto {
  @IsDefined()
  @IsIn(['low', 'high'])
  priority!: string;
}

class OrderDto extends BaseDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => LineDto)
  lines!: LineDto[];

  @IsOptional()
  @ValidateNested()
  @Type(() => LineDto)
  gift?: LineDto;

  @IsOptional()
  @IsNumber()
  @Max(100)
  discount?: number;

  total(): number {
    return this.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  }
}

class CategoryDto {
  @IsString()
  name!: string;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CategoryDto)
  children?: CategoryDto[];
}

const compiler = new SchemaCompiler();

async function parsed(dto: SchemaSource, value: unknown): Promise<ParseResult> {
  return (await compiler.compile(dto, 'input')).parse(value);
}

async function pathsOf(dto: SchemaSource, value: unknown): Promise<readonly string[]> {
  const result = await parsed(dto, value);
  return result.ok ? [] : [...new Set(result.faults.map(({ path }) => path))].toSorted();
}

const GOOD = { priority: 'low', lines: [{ sku: 'a', quantity: 2 }, { sku: 'b' }] };

describe('[S14] a DTO class', () => {
  it('is listed with its base class, nested classes and lists, all closed', async () => {
    const { jsonSchema } = await compiler.compile(OrderDto, 'input');
    expect(jsonSchema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        priority: { type: 'string', enum: ['low', 'high'] },
        lines: { type: 'array', items: { $ref: '#/$defs/LineDto' } },
        gift: { $ref: '#/$defs/LineDto' },
        discount: { type: 'number', maximum: 100 },
      },
      $defs: {
        LineDto: {
          type: 'object',
          properties: { sku: { type: 'string' }, quantity: { type: 'integer', minimum: 1 } },
          additionalProperties: false,
        },
      },
    });
    expect((jsonSchema['required'] as string[]).toSorted()).toEqual(['lines', 'priority']);
  });

  it('gives the target an instance, its nested parts too, with the defaults of the class', async () => {
    const result = await parsed(OrderDto, GOOD);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const order = result.value as OrderDto;
    expect(order).toBeInstanceOf(OrderDto);
    expect(order.lines[1]).toBeInstanceOf(LineDto);
    expect(order.total()).toBe(3);
  });

  it.each([
    ['a wrong type', { ...GOOD, discount: 'x' }, ['discount']],
    ['a wrong type in a list', { ...GOOD, lines: [{ sku: 'a' }, { sku: 1 }] }, ['lines[1].sku']],
    ['a value that is out of range in a list', { ...GOOD, lines: [{ sku: 'a', quantity: 0 }] }, ['lines[0].quantity']],
    ['what the base class requires', { lines: [] }, ['priority']],
    ['an unknown property', { ...GOOD, evil: 1 }, ['evil']],
    ['an unknown property of a nested class', { ...GOOD, gift: { sku: 'a', evil: 1 } }, ['gift.evil']],
    ['an unknown property in a list', { ...GOOD, lines: [{ sku: 'a' }, { sku: 'b', evil: 1 }] }, ['lines[1].evil']],
    ['__proto__', JSON.parse('{"priority":"low","lines":[],"__proto__":{"discount":1}}') as unknown, ['__proto__']],
    [
      'every fault',
      { lines: [{ sku: 1, evil: 1 }], priority: 'low', discount: 101 },
      ['discount', 'lines[0].evil', 'lines[0].sku'],
    ],
    ['no object', [GOOD], ['']],
  ])('[S4] refuses %s, naming the path', async (_what, value, paths) => {
    expect(await pathsOf(OrderDto, value)).toEqual(paths);
  });

  it('[S4] refuses at any depth where a class contains itself', async () => {
    const { jsonSchema } = await compiler.compile(CategoryDto, 'input');
    const items = { $ref: '#/$defs/CategoryDto' };
    expect(jsonSchema).toMatchObject({ $defs: { CategoryDto: { properties: { children: { items } } } } });
    const value = { name: 'a', children: [{ name: 'b', children: [{ name: 1, evil: 1 }] }] };
    expect(await pathsOf(CategoryDto, value)).toEqual(['children[0].children[0].evil', 'children[0].children[0].name']);
  });

  it('waits for asynchronous validators', async () => {
    class AsyncDto {
      @IsString()
      name!: string;
    }
    const validate = (value: unknown): Promise<boolean> => Promise.resolve(value !== 'taken');
    const validator = { validate, defaultMessage: ({ property }: ValidationArguments) => `${property} is taken` };
    registerDecorator({ name: 'isFree', async: true, target: AsyncDto, propertyName: 'name', validator });
    const faults = [{ path: 'name', message: 'name is taken' }];
    expect(await parsed(AsyncDto, { name: 'taken' })).toEqual({ ok: false, faults });
    expect(await pathsOf(AsyncDto, { name: 'free' })).toEqual([]);
  });

  /** As two modules of an application have them. */
  function addressOf(property: string): new () => object {
    class AddressDto {
      readonly kind?: string;
    }
    IsString()(AddressDto.prototype, property);
    return AddressDto;
  }

  it('is not mixed up with a class of the same name elsewhere', async () => {
    const [Here, There] = [addressOf('street'), addressOf('planet')];
    class Person {
      @ValidateNested()
      @Type(() => Here)
      home!: object;
    }
    class Alien {
      @ValidateNested()
      @Type(() => There)
      home!: object;
    }
    expect(await pathsOf(Person, { home: { street: 'a' } })).toEqual([]);
    expect(await pathsOf(Person, { home: { street: 'a', planet: 'b' } })).toEqual(['home.planet']);
    expect(await pathsOf(Alien, { home: { planet: 'b' } })).toEqual([]);
  });

  it('is refused when it consists of two classes of one name', async () => {
    const [Here, There] = [addressOf('street'), addressOf('planet')];
    class Traveller {
      @ValidateNested()
      @Type(() => Here)
      from!: object;

      @ValidateNested()
      @Type(() => There)
      to!: object;
    }
    const message = 'Traveller consists of two classes named AddressDto';
    await expect(compiler.compile(Traveller, 'input')).rejects.toThrow(message);
  });

  it('is refused without decorators', async () => {
    class Bare {
      name?: string;
    }
    await expect(compiler.compile(Bare, 'input')).rejects.toThrow('the class Bare has no class-validator decorators');
  });
});
