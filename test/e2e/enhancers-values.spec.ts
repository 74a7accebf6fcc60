import {
  Body,
  Injectable,
  ParseIntPipe,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  createParamDecorator,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { IsInt, IsOptional, IsString, Min } from 'class-validator';
import { delay, map, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Call, McpPrompt, McpResource, McpTool, callOf } from '../../src/index.js';
import { createTestServer, type TestServerOptions } from '../../src/testing/index.js';

const Asked = createParamDecorator((field: 'kind' | 'name', context: ExecutionContext) => callOf(context)[field]);

const wrapping: NestInterceptor = {
  intercept: (_context, next: CallHandler) => next.handle().pipe(map((value: unknown) => `<${String(value)}>`)),
};
const answering: NestInterceptor = { intercept: () => of('from a store').pipe(delay(0)) };
const counting: NestInterceptor = {
  intercept: (_context, next) => next.handle().pipe(map((total: number) => ({ total }))),
};
const upper: PipeTransform = {
  transform: (value: { city: string }, { type }) => (type === 'body' ? { city: value.city.toUpperCase() } : value),
};

class RangeDto {
  @IsInt()
  @Min(1)
  from!: number;

  @IsOptional()
  @IsString()
  label?: string;
}

const city = z.object({ city: z.string() });
const text = z.object({ count: z.string(), other: z.string().optional() });

@Injectable()
class Values {
  @UseInterceptors(wrapping, answering)
  @McpTool({ description: 'Is answered for.' })
  answered(): never {
    throw new Error('must not run');
  }

  @UseInterceptors(wrapping)
  @McpTool({ description: 'Is wrapped.', inputSchema: city })
  wrapped(input: { city: string }): Promise<string> {
    return Promise.resolve(input.city);
  }

  @UseInterceptors(counting)
  @McpTool({ description: 'Becomes what its output schema says.', outputSchema: z.object({ total: z.number() }) })
  counted(): number {
    return 3;
  }

  @UsePipes(upper)
  @McpTool({ description: 'Is shouted.', inputSchema: city })
  shouted(input: { city: string }, call: Call): string {
    return `${input.city} by ${call.name}`;
  }

  @McpTool({ description: 'Takes one argument.', inputSchema: text })
  one(@Body('count', ParseIntPipe) count: number, @Asked('kind') kind: string, @Asked('name') name: string): object {
    return { count, kind, name };
  }

  @McpTool({ description: 'Takes them all.', inputSchema: text })
  whole(@Asked('name') name: string, @Body() input: object): object {
    return { name, input };
  }

  @McpTool({ description: 'Takes a DTO.' })
  range(input: RangeDto): string {
    return `${input.constructor.name} from ${input.from}`;
  }

  @UseInterceptors(wrapping)
  @McpResource({ description: 'Is wrapped.', uriTemplate: 'city://{city}' })
  resource(input: { city: string }): string {
    return input.city;
  }

  @UseInterceptors(wrapping)
  @McpPrompt({ description: 'Is wrapped.', argsSchema: city })
  prompt(input: { city: string }): string {
    return input.city;
  }
}

async function answerOf(name: string, args: object = {}, options: TestServerOptions = {}): Promise<string> {
  const { client, close } = await createTestServer({ ...options, providers: [Values] });
  const { content } = await client.callTool({ name, arguments: { ...args } });
  await close();
  return content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
}

describe('an interceptor', () => {
  it('[S10] transforms what a tool returns', async () => {
    expect(await answerOf('wrapped', { city: 'Bern' })).toBe('<Bern>');
  });

  it('[S10] may answer instead of a tool', async () => {
    expect(await answerOf('answered')).toBe('<from a store>');
  });

  it('[S5] makes a value that the output schema judges afterwards', async () => {
    expect(await answerOf('counted')).toBe('{"total":3}');
  });

  it('[S10] transforms resources and prompts', async () => {
    const { client, close } = await createTestServer({ providers: [Values] });
    expect(await client.readResource({ uri: 'city://Bern' })).toMatchObject({ contents: [{ text: '<Bern>' }] });
    expect(await client.getPrompt({ name: 'prompt', arguments: { city: 'Bern' } })).toMatchObject({
      messages: [{ role: 'user', content: { text: '<Bern>' } }],
    });
    await close();
  });
});

describe('a pipe', () => {
  it('[S10] transforms the arguments, and leaves the call alone', async () => {
    expect(await answerOf('shouted', { city: 'Bern' })).toBe('BERN by shouted');
  });

  it('[S10] of Nest validates beside our own schema', async () => {
    const options: TestServerOptions = {
      configure: (app) => app.useGlobalPipes(new ValidationPipe({ transform: true })),
    };
    expect(await answerOf('range', { from: 1 }, options)).toBe('RangeDto from 1');
    expect(await answerOf('wrapped', { city: 'Bern' }, options)).toBe('<Bern>');
    expect(await answerOf('range', { from: 0 }, options)).toBe('Invalid arguments: from: from must not be less than 1');
  });
});

describe('a parameter decorator', () => {
  it('[S10] takes one argument through its pipe, and what it makes of the context', async () => {
    expect(JSON.parse(await answerOf('one', { count: '7' }))).toEqual({ count: 7, kind: 'tool', name: 'one' });
  });

  it('[S10] takes all arguments at any place', async () => {
    expect(JSON.parse(await answerOf('whole', { count: '7' }))).toEqual({ name: 'whole', input: { count: '7' } });
  });

  it('[S10] shows what its pipe says of a wrong argument', async () => {
    expect(await answerOf('one', { count: 'many' })).toBe('Validation failed (numeric string is expected)');
  });
});
