import {
  Inject,
  Injectable,
  Scope,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Call } from '../core/index.js';
import { createTestServer, type TestServerOptions } from '../testing/index.js';
import { McpPrompt, McpResource } from './decorators.js';

const CITIES = ['Bern', 'Berlin', 'Basel'];
const argsSchema = z.object({ city: z.string() });
const ask = (name: string, value: string) => ({
  ref: { type: 'ref/prompt' as const, name },
  argument: { name: 'city', value },
});

async function suggested(options: TestServerOptions, name: string, value = 'Ber'): Promise<readonly string[]> {
  const { client, close } = await createTestServer(options);
  try {
    return (await client.complete(ask(name, value))).completion.values;
  } finally {
    await close();
  }
}

@Injectable()
class Prompts {
  readonly cities = CITIES;

  @McpPrompt({ description: 'Greets a city.', argsSchema, complete: { city: 'citiesLike' } })
  greet({ city }: { city: string }): string {
    return `Hello ${city}`;
  }

  citiesLike(value: string, { call }: { call: Call }): readonly string[] {
    return this.cities.filter((city) => city.startsWith(value)).map((city) => `${city} (${call.kind})`);
  }
}

describe('a completer', () => {
  it('is a method that knows its provider and its call', async () => {
    expect(await suggested({ providers: [Prompts] }, 'greet')).toEqual(['Bern (completion)', 'Berlin (completion)']);
  });

  it('runs on an instance that is whole, where its provider is request-scoped', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped extends Prompts {
      constructor(@Inject(REQUEST) readonly request: unknown) {
        super();
      }
      override citiesLike(value: string, context: { call: Call }): readonly string[] {
        return this.request === context.call ? super.citiesLike(value, context) : [];
      }
    }
    expect(await suggested({ providers: [Scoped] }, 'greet')).toHaveLength(2);
  });

  it('of a resource template gets what else was chosen', async () => {
    @Injectable()
    class Resources {
      @McpResource({
        description: 'A city.',
        uriTemplate: 'city://{country}/{city}',
        complete: { city: (value, { arguments: { country } }) => [`${country}: ${value}`] },
      })
      city(): string {
        return 'a city';
      }
    }
    const { client, close } = await createTestServer({ providers: [Resources] });
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'city://{country}/{city}' },
      argument: { name: 'city', value: 'Be' },
      context: { arguments: { country: 'ch' } },
    });
    expect(completion.values).toEqual(['ch: Be']);
    await close();
  });

  it.each([
    ['function', { city: () => CITIES }],
    ['method', { city: 'suggest' }],
  ])('[S10] that is a %s stands behind the guards of its class and of its method', async (_kind, complete) => {
    const asked: string[] = [];
    const guard = (name: string, allowed: () => boolean): CanActivate => ({
      canActivate: (context: ExecutionContext) => {
        asked.push(
          `${name} ${context.getClass().name} ${String(Reflect.getMetadata('team:level', context.getHandler()))}`,
        );
        return allowed();
      },
    });
    let allowed = true;
    @Injectable()
    @UseGuards(guard('class', () => true))
    class Guarded {
      @UseGuards(guard('method', () => allowed))
      @SetMetadata('team:level', 7)
      @McpPrompt({ description: 'For some.', argsSchema, complete })
      secret(): string {
        return 'secret';
      }
      suggest(): readonly string[] {
        return CITIES;
      }
    }
    expect(await suggested({ providers: [Guarded] }, 'secret')).toEqual(CITIES);
    expect(asked).toEqual(['class Guarded 7', 'method Guarded 7']);
    allowed = false;
    await expect(suggested({ providers: [Guarded] }, 'secret')).rejects.toMatchObject({ code: 403 });
  });

  it('[S8] comes and goes with a prompt that is registered while serving', async () => {
    const { client, server, close } = await createTestServer();
    const options = { name: 'late', description: 'Late.', argsSchema, complete: { city: () => CITIES } };
    await server.registerPrompt(options, () => 'late');
    expect((await client.complete(ask('late', ''))).completion.values).toEqual(CITIES);
    server.removePrompt('late');
    await expect(client.complete(ask('late', ''))).rejects.toMatchObject({ code: -32602 });
    await server.registerPrompt(options, () => 'again');
    expect((await client.complete(ask('late', ''))).completion.values).toEqual(CITIES);
    await close();
  });

  it('[S8] that names a method is refused where there is no class, and nothing is registered', async () => {
    const { client, server, close } = await createTestServer();
    const options = { name: 'late', description: 'Late.', complete: { city: 'nowhere' } };
    const message = 'RookeryServer.late: "complete" names the method "nowhere", which does not exist';
    await expect(server.registerPrompt({ ...options, argsSchema }, () => 'late')).rejects.toThrow(message);
    const template = { ...options, uriTemplate: 'city://{city}' };
    await expect(server.registerResource(template, () => 'late')).rejects.toThrow(message);
    expect((await client.listPrompts()).prompts).toEqual([]);
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([]);
    await close();
  });
});
