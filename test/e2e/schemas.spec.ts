import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { type } from 'arktype';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { McpTool } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

class FilterDto {
  @IsString()
  city!: string;
}

class SearchDto {
  @IsString()
  query!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(50)
  limit = 10;

  @IsOptional()
  @ValidateNested()
  @Type(() => FilterDto)
  filter?: FilterDto;
}

const asJson = {
  type: 'object',
  properties: {
    query: { type: 'string' },
    limit: { type: 'integer', minimum: 1, maximum: 50, default: 10 },
    filter: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
  required: ['query'],
};
const asZod = z.object({
  query: z.string(),
  limit: z.int().min(1).max(50).default(10),
  filter: z.object({ city: z.string() }).optional(),
});
const asArk = type({ query: 'string', limit: '1 <= number.integer <= 50 = 10', 'filter?': { city: 'string' } });
const asValibot = v.object({
  query: v.string(),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50)), 10),
  filter: v.optional(v.object({ city: v.string() })),
});

const ran: object[] = [];
const search = (input: object): string => {
  ran.push(input);
  return JSON.stringify(input);
};

@Injectable()
class Search {
  @McpTool({ description: 'Searches by zod.', inputSchema: asZod })
  zod(input: object): string {
    return search(input);
  }

  @McpTool({ description: 'Searches by ArkType.', inputSchema: asArk })
  arktype(input: object): string {
    return search(input);
  }

  @McpTool({ description: 'Searches by Valibot.', inputSchema: { schema: asValibot, jsonSchema: asJson } })
  valibot(input: object): string {
    return search(input);
  }

  @McpTool({ description: 'Searches by JSON Schema.', inputSchema: asJson })
  raw(input: object): string {
    return search(input);
  }

  @McpTool({ description: 'Searches by a DTO.', inputSchema: SearchDto })
  dto(input: object): string {
    return search(input);
  }

  @McpTool({ description: 'Searches by the DTO of its first parameter.' })
  implicit(input: SearchDto): string {
    return search(input);
  }

  @McpTool({ description: 'Takes no arguments.' })
  nothing(): string {
    return search({});
  }

  @McpTool({ description: 'Takes anything.', inputSchema: z.looseObject({ query: z.string() }) })
  anything(input: object): string {
    return search(input);
  }
}

let server: TestServer;
beforeAll(async () => (server = await createTestServer({ providers: [Search] })));
afterAll(() => server.close());

/** What a tool answers, and whether it ran. */
async function answerOf(
  name: string,
  args: Record<string, unknown>,
): Promise<{ text: string; faults: string[]; ran: boolean }> {
  const before = ran.length;
  const { content, _meta } = await server.client.callTool({ name, arguments: args });
  const [block] = content;
  const faults = (_meta?.['faults'] ?? []) as { path: string }[];
  return {
    text: block?.type === 'text' ? block.text : '',
    faults: [...new Set(faults.map(({ path }) => path))].toSorted(),
    ran: ran.length > before,
  };
}

/** A schema, with the definitions of its nested classes. */
type ListedSchema = Record<string, unknown> & { readonly $defs?: Record<string, object> };

async function listed(name: string): Promise<Record<string, unknown>> {
  const { tools } = await server.client.listTools();
  const { $defs: definitions, ...schema } = (tools.find((tool) => tool.name === name)?.inputSchema ??
    {}) as ListedSchema;
  // What a DTO class lists in a definition stands in its place elsewhere.
  return JSON.parse(JSON.stringify(schema), (key, value: { $ref?: string }) =>
    key === 'filter' && value.$ref !== undefined ? Object.values(definitions ?? {})[0] : value,
  ) as Record<string, unknown>;
}

describe.each(['zod', 'arktype', 'valibot', 'raw', 'dto', 'implicit'])(
  'a tool whose schema is written by %s',
  (name) => {
    it('[S14] lists what it takes, every object closed', async () => {
      const filter = { type: 'object', properties: { city: { type: 'string' } }, additionalProperties: false };
      expect(await listed(name)).toMatchObject({
        type: 'object',
        properties: { query: { type: 'string' }, limit: { type: 'integer', minimum: 1, maximum: 50 }, filter },
        required: ['query'],
        additionalProperties: false,
      });
    });

    it('[S4] applies defaults', async () => {
      expect(JSON.parse((await answerOf(name, { query: 'a' })).text)).toEqual({ query: 'a', limit: 10 });
    });

    it('[S4] gets nested arguments as they are', async () => {
      const args = { query: 'a', limit: 3, filter: { city: 'Bern' } };
      expect(JSON.parse((await answerOf(name, args)).text)).toEqual(args);
    });

    it.each<[string, Record<string, unknown>, readonly string[]]>([
      ['a missing argument', {}, ['query']],
      ['a wrong type', { query: 7 }, ['query']],
      ['a number that is too small', { query: 'a', limit: 0 }, ['limit']],
      ['a number that is too large', { query: 'a', limit: 51 }, ['limit']],
      ['an unknown argument', { query: 'a', qurey: 'b' }, ['qurey']],
      ['an unknown property deeper in', { query: 'a', filter: { city: 'a', country: 'b' } }, ['filter.country']],
      [
        'all of it at once',
        { query: 7, limit: 0, filter: { cty: 'a' } },
        ['filter.city', 'filter.cty', 'limit', 'query'],
      ],
    ])('[S4, S14] does not run with %s, and names the path', async (_what, args, paths) => {
      const { faults, text, ran: hasRun } = await answerOf(name, args);
      expect({ faults, ran: hasRun }).toEqual({ faults: paths, ran: false });
      for (const path of paths) expect(text).toContain(`${path}: `);
    });
  },
);

describe('a tool', () => {
  it('[S4] without a schema takes no arguments', async () => {
    expect(await listed('nothing')).toEqual({ type: 'object', properties: {}, additionalProperties: false });
    expect(await answerOf('nothing', {})).toMatchObject({ ran: true });
    expect(await answerOf('nothing', { any: 1 })).toMatchObject({ ran: false, faults: ['any'] });
  });

  it('[S4] whose schema allows others gets unknown arguments too', async () => {
    expect(await listed('anything')).not.toMatchObject({ additionalProperties: false });
    expect(JSON.parse((await answerOf('anything', { query: 'a', other: 1 })).text)).toEqual({ query: 'a', other: 1 });
  });
});
