import { Controller, Get, Inject, Injectable, Scope, UseGuards, type CanActivate } from '@nestjs/common';
import { APP_GUARD, REQUEST } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { Call, McpPrompt, McpResource, McpTool } from '../../src/index.js';
import { createTestServer, type TestServer, type TestServerOptions } from '../../src/testing/index.js';
import { Enhanced, Trace, TraceModule, appProviders, callBehind, traced } from './support/traced.js';

const plain = traced('plain');
async function withServer(options: TestServerOptions, use: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer(options);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

describe.each([Scope.REQUEST, Scope.TRANSIENT])('enhancers of scope %s', (scope) => {
  const app = traced('app', scope);
  const server = traced('server', scope);
  const onClass = traced('onClass', scope);
  const onMethod = traced('onMethod', scope);
  const behindAll = callBehind('app', 'plain', 'server', 'onClass', 'onMethod');

  @Injectable()
  class Targets {
    constructor(readonly trace: Trace) {}

    @Enhanced(onMethod)
    @McpTool({ description: 'Runs.' })
    tool(): void {
      this.trace.add('run');
    }

    @Enhanced(onMethod)
    @McpResource({ description: 'Is read.', uri: 'trace://one' })
    resource(): string {
      this.trace.add('run');
      return 'done';
    }

    @Enhanced(onMethod)
    @McpPrompt({ description: 'Is rendered.' })
    prompt(): string {
      this.trace.add('run');
      return 'done';
    }
  }

  @Enhanced(onClass)
  @Injectable()
  class Provider extends Targets {}

  @Enhanced(onClass)
  @Controller()
  class Routes extends Targets {
    @Get('route')
    route(): string {
      this.trace.add('run');
      return 'done';
    }
  }

  const parts = (trace: Trace): TestServerOptions => ({
    imports: [TraceModule.of(trace)],
    providers: [...appProviders(app)],
    server: {
      guards: [plain.Guard, server.Guard],
      interceptors: [plain.Interceptor, server.Interceptor],
      pipes: [plain.Pipe, server.Pipe],
      filters: [plain.Filter, server.Filter],
    },
  });

  it.each(['memory', 'http'] as const)('[S10] run once a call and in order, over %s', async (transport) => {
    const trace = new Trace();
    const options = parts(trace);
    const providers = [Provider, ...(options.providers ?? [])];
    await withServer({ ...options, transport, providers }, async ({ client }) => {
      for (const call of [
        () => client.callTool({ name: 'tool' }),
        () => client.readResource({ uri: 'trace://one' }),
        () => client.getPrompt({ name: 'prompt' }),
        () => client.callTool({ name: 'tool' }),
      ]) {
        await call();
        expect(trace.take()).toEqual(behindAll);
      }
    });
  });

  it('[S10, S8] run once a call of a tool that was registered while serving', async () => {
    const trace = new Trace();
    await withServer(parts(trace), async ({ client, server: rookery }) => {
      await rookery.registerTool({ name: 'dynamic', description: 'Runs.' }, () => trace.add('run'));
      await client.callTool({ name: 'dynamic' });
      expect(trace.take()).toEqual(callBehind('app', 'plain', 'server'));
    });
  });

  it('[S10] run on tools of a controller, whose routes do not see those of forRoot()', async () => {
    const trace = new Trace();
    await withServer({ ...parts(trace), controllers: [Routes], transport: 'http' }, async ({ client, url }) => {
      for (let round = 0; round < 2; round++) {
        await client.callTool({ name: 'tool' });
        expect(trace.take()).toEqual(behindAll);
        expect(await (await fetch(new URL('/route', url))).text()).toBe('done');
        expect(trace.take().filter((line) => line.startsWith('guard'))).toEqual(['guard app', 'guard onClass']);
      }
    });
  });
});

describe('a request-scoped guard', () => {
  @Injectable({ scope: Scope.REQUEST })
  class OnlyAnn implements CanActivate {
    static made = 0;
    constructor(@Inject(REQUEST) readonly call: Call) {
      OnlyAnn.made++;
    }
    canActivate(): boolean {
      return this.call instanceof Call && this.call.principal?.id === 'ann';
    }
  }

  @Injectable()
  class Open {
    static made = 0;
    constructor() {
      Open.made++;
    }
    @McpTool({ description: 'Runs.' })
    open(): string {
      return 'ran';
    }
  }

  @Injectable()
  class Guarded {
    @UseGuards(OnlyAnn)
    @McpTool({ description: 'Runs for Ann.' })
    guarded(): string {
      return 'ran';
    }
  }

  const ann = { id: 'ann', roles: [], permissions: [], attributes: {} };

  it.each<[string, string, TestServerOptions]>([
    ['on a method', 'guarded', {}],
    ['of forRoot()', 'open', { server: { guards: [OnlyAnn] } }],
    ['of the application', 'open', { providers: [{ provide: APP_GUARD, useClass: OnlyAnn }] }],
  ])('[S10] %s gets the call as REQUEST and decides by it', async (_where, name, options) => {
    const providers = [Open, Guarded, ...(options.providers ?? [])];
    await withServer({ ...options, providers, principal: ann }, async ({ client }) => {
      expect(await client.callTool({ name })).toMatchObject({ content: [{ text: 'ran' }] });
    });
    await withServer({ ...options, providers }, async ({ client }) => {
      expect(await client.callTool({ name })).toMatchObject({ isError: true, _meta: { 'rookery/code': 'forbidden' } });
    });
  });

  it('of forRoot() is made for each call, and does not make the provider of a tool request-scoped', async () => {
    await withServer({ providers: [Open], server: { guards: [OnlyAnn] }, principal: ann }, async ({ client }) => {
      const before = { guards: OnlyAnn.made, tools: Open.made };
      await Promise.all([client.callTool({ name: 'open' }), client.callTool({ name: 'open' })]);
      expect({ guards: OnlyAnn.made - before.guards, tools: Open.made - before.tools }).toEqual({
        guards: 2,
        tools: 0,
      });
    });
  });
});

describe('a request-scoped provider of tools', () => {
  @Injectable({ scope: Scope.REQUEST })
  class Scoped {
    #calls = 0;
    constructor(@Inject(REQUEST) readonly request: unknown) {}
    @McpTool({ description: 'Says what it was injected with.' })
    whoAmI(_input: object, call: Call): object {
      return { same: this.request === call, calls: ++this.#calls };
    }
  }

  it.each(['memory', 'http'] as const)(
    '[S10] gets the call as REQUEST, an instance a call, over %s',
    async (transport) => {
      await withServer({ providers: [Scoped], transport }, async ({ client }) => {
        for (let round = 0; round < 2; round++) {
          const { content } = await client.callTool({ name: 'who_am_i' });
          expect(content).toEqual([{ type: 'text', text: '{"same":true,"calls":1}' }]);
        }
      });
    },
  );
});
