import { Injectable } from '@nestjs/common';
import { type } from 'arktype';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import * as v from 'valibot';
import { z } from 'zod';
import { McpTool } from '../../src/index.js';

//#region zod
const searchInput = z.object({
  query: z.string().min(1).max(200).describe('A few words'),
  limit: z.int().min(1).max(50).default(10),
});

@Injectable()
export class ZodTools {
  @McpTool({ description: 'Searches', inputSchema: searchInput })
  searchWithZod({ query, limit }: z.output<typeof searchInput>): string {
    return `${query}, at most ${limit}`;
  }
}
//#endregion

//#region arktype
const convertInput = type({ celsius: 'number', 'digits?': '0 <= number.integer <= 6' });

@Injectable()
export class ArkTypeTools {
  @McpTool({ description: 'Converts to Fahrenheit', inputSchema: convertInput })
  toFahrenheit({ celsius, digits = 1 }: typeof convertInput.infer): string {
    return (celsius * 1.8 + 32).toFixed(digits);
  }
}
//#endregion

//#region dto
export class MoveDto {
  @IsString()
  item!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  count: number = 1;

  @IsIn(['north', 'south'])
  to!: 'north' | 'south';
}

@Injectable()
export class DtoTools {
  @McpTool({ description: 'Moves items between the warehouses' })
  moveItems({ item, count, to }: MoveDto): string {
    return `${count} of ${item} moved ${to}`;
  }
}
//#endregion

//#region json-schema
const sumInput = {
  type: 'object',
  properties: {
    numbers: { type: 'array', items: { type: 'number' }, minItems: 1, maxItems: 1_000 },
    rounded: { type: 'boolean', default: false },
  },
  required: ['numbers'],
} as const;

@Injectable()
export class JsonSchemaTools {
  @McpTool({ description: 'Adds numbers', inputSchema: sumInput })
  addNumbers({ numbers, rounded }: { numbers: readonly number[]; rounded: boolean }): number {
    const sum = numbers.reduce((total, number) => total + number, 0);
    return rounded ? Math.round(sum) : sum;
  }
}
//#endregion

//#region valibot
const inviteInput = {
  schema: v.object({ email: v.pipe(v.string(), v.email()) }),
  jsonSchema: {
    type: 'object',
    properties: { email: { type: 'string', format: 'email' } },
    required: ['email'],
  },
};

@Injectable()
export class ValibotTools {
  @McpTool({ description: 'Invites someone', inputSchema: inviteInput })
  invite({ email }: v.InferOutput<typeof inviteInput.schema>): string {
    return `${email} is invited`;
  }
}
//#endregion
