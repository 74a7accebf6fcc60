import { Controller, Injectable, Module, Scope } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { createTestServer, type TestServerOptions } from '../testing/index.js';
import { McpTool } from './decorators.js';

const describedAs = (description: string): MethodDecorator => McpTool({ description });

@Injectable()
class Base {
  readonly greeting: string = 'hello';

  @describedAs('Greets.')
  greetSomebody(): string {
    return this.greeting;
  }
}

@Injectable()
class Derived extends Base {
  override readonly greeting = 'grüezi';
}

/** What a server of these parts lists, and what each tool answers. */
async function served(parts: TestServerOptions): Promise<Record<string, unknown>> {
  const { client, close } = await createTestServer(parts);
  const { tools } = await client.listTools();
  const answers = await Promise.all(tools.map(({ name }) => client.callTool({ name })));
  await close();
  return Object.fromEntries(tools.map(({ name }, index) => [name, answers[index]?.content]));
}

const text = (value: string): readonly object[] => [{ type: 'text', text: value }];

describe('a decorated method', () => {
  it('is a tool named in snake_case after it', async () => {
    expect(await served({ providers: [Base] })).toEqual({ greet_somebody: text('hello') });
  });

  it('is inherited', async () => {
    expect(await served({ providers: [Derived] })).toEqual({ greet_somebody: text('grüezi') });
  });

  it('is found on a controller too', async () => {
    @Controller()
    class Greetings extends Base {}
    expect(await served({ controllers: [Greetings] })).toEqual({ greet_somebody: text('hello') });
  });

  it('is found in a module that is imported', async () => {
    @Module({ providers: [Base] })
    class Feature {}
    expect(await served({ imports: [Feature] })).toEqual({ greet_somebody: text('hello') });
  });

  it('counts once, whatever else its provider is called', async () => {
    const providers = [Base, { provide: 'alias', useExisting: Base }, { provide: Object, useExisting: Base }];
    expect(await served({ providers })).toEqual({ greet_somebody: text('hello') });
  });

  it('is found on a provider that is given as a value', async () => {
    expect(await served({ providers: [{ provide: 'base', useValue: new Derived() }] })).toEqual({
      greet_somebody: text('grüezi'),
    });
  });

  it.each([Scope.REQUEST, Scope.TRANSIENT])('runs on an instance that is whole, in scope %s', async (scope) => {
    @Injectable({ scope })
    class Scoped extends Base {
      override readonly greeting = 'constructed';
    }
    expect(await served({ providers: [Scoped] })).toEqual({ greet_somebody: text('constructed') });
  });

  it('does not make tools of other methods and values', async () => {
    const factory = { provide: 'config', useValue: { greetSomebody: () => 'no' } };
    expect(await served({ providers: [factory, { provide: 'nothing', useValue: null }] })).toEqual({});
  });
});
