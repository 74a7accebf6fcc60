import { PassThrough } from 'node:stream';
import { Controller, Get, Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { McpPrompt, McpResource, McpTool, StdioTransport, ToolError, type McpServerExtras } from '../../src/index.js';
import { createTestServer, type TestServer, type TestTransport } from '../../src/testing/index.js';
import { Enhanced, Trace, TraceModule, appProviders, callBehind, traced } from './support/traced.js';

const app = traced('app');
const used = traced('used');
const byClass = traced('class');
const given = traced('given');
const onClass = traced('onClass');
const onMethod = traced('onMethod');

const SERVER_WIDE = ['app', 'used', 'class', 'given'];
const EVERYWHERE = [...SERVER_WIDE, 'onClass', 'onMethod'];

@Injectable()
class Targets {
  constructor(readonly trace: Trace) {}

  @Enhanced(onMethod)
  @McpTool({ description: 'Runs.' })
  tool(): string {
    this.trace.add('run');
    return 'done';
  }

  @Enhanced(onMethod)
  @McpTool({ description: 'Fails.' })
  fail(): never {
    this.trace.add('run');
    throw new ToolError('as expected');
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

@Injectable()
@Enhanced(onClass)
class Provider extends Targets {}

@Controller()
@Enhanced(onClass)
class Routes {
  constructor(readonly trace: Trace) {}

  @Enhanced(onMethod)
  @McpTool({ description: 'Stands on a controller.' })
  onController(): string {
    this.trace.add('run');
    return 'done';
  }

  @Enhanced(onMethod)
  @Get('route')
  route(): string {
    this.trace.add('run');
    return 'done';
  }
}

async function start(transport: TestTransport, trace: Trace): Promise<TestServer> {
  const { Guard, Interceptor, Pipe, Filter } = given;
  const server: McpServerExtras = {
    guards: [byClass.Guard, new Guard(trace)],
    interceptors: [byClass.Interceptor, new Interceptor(trace)],
    pipes: [byClass.Pipe, new Pipe(trace)],
    filters: [byClass.Filter, new Filter(trace)],
  };
  return createTestServer({
    transport,
    server,
    imports: [TraceModule.of(trace)],
    controllers: [Routes],
    providers: [Provider, ...appProviders(app)],
    configure: (nest) => {
      nest
        .useGlobalGuards(new used.Guard(trace))
        .useGlobalInterceptors(new used.Interceptor(trace))
        .useGlobalPipes(new used.Pipe(trace))
        .useGlobalFilters(new used.Filter(trace));
    },
  });
}

describe.each(['memory', 'http'] as const)(
  'over %s, each enhancer of a team runs once, in the order of Nest',
  (transport) => {
    const trace = new Trace();
    let running: TestServer;

    beforeAll(async () => {
      running = await start(transport, trace);
      const run = (): string => {
        trace.add('run');
        return 'done';
      };
      await running.server.registerTool({ name: 'dynamic', description: 'Runs.' }, run);
      await running.server.registerResource({ name: 'dynamic', description: 'Is read.', uri: 'trace://dynamic' }, run);
      await running.server.registerPrompt({ name: 'dynamic', description: 'Is rendered.' }, run);
    });

    afterAll(() => running.close());

    it.each<[string, (server: TestServer) => Promise<unknown>]>([
      ['a tool', ({ client }) => client.callTool({ name: 'tool' })],
      ['a tool on a controller', ({ client }) => client.callTool({ name: 'on_controller' })],
      ['a resource', ({ client }) => client.readResource({ uri: 'trace://one' })],
      ['a prompt', ({ client }) => client.getPrompt({ name: 'prompt' })],
    ])('[S10] on %s', async (_what, call) => {
      trace.take();
      await call(running);
      expect(trace.take()).toEqual(callBehind(...EVERYWHERE));
      await call(running);
      expect(trace.take()).toEqual(callBehind(...EVERYWHERE));
    });

    it.each<[string, (server: TestServer) => Promise<unknown>]>([
      ['a tool', ({ client }) => client.callTool({ name: 'dynamic' })],
      ['a resource', ({ client }) => client.readResource({ uri: 'trace://dynamic' })],
      ['a prompt', ({ client }) => client.getPrompt({ name: 'dynamic' })],
    ])('[S10, S8] on %s that was registered while serving', async (_what, call) => {
      trace.take();
      await call(running);
      expect(trace.take()).toEqual(callBehind(...SERVER_WIDE));
    });

    it('[S10] on a tool that fails: of the filters the innermost', async () => {
      trace.take();
      expect(await running.client.callTool({ name: 'fail' })).toMatchObject({
        isError: true,
        content: [{ type: 'text', text: 'as expected' }],
      });
      expect(trace.take()).toEqual([...callBehind(...EVERYWHERE), 'filter onMethod']);
    });

    it('[S10] on no list', async () => {
      trace.take();
      await running.client.listTools();
      expect(trace.take()).toEqual([]);
    });
  },
);

describe('an HTTP route of the same application', () => {
  it('is left alone by the enhancers of forRoot()', async () => {
    const trace = new Trace();
    const { url, client, close } = await start('http', trace);
    const route = async (): Promise<readonly string[]> => {
      trace.take();
      expect(await (await fetch(new URL('/route', url))).text()).toBe('done');
      return trace.take().filter((line) => !line.startsWith('pipe'));
    };
    const expected = callBehind('app', 'used', 'onClass', 'onMethod').filter((line) => !line.startsWith('pipe'));
    expect(await route()).toEqual(expected);
    await client.callTool({ name: 'on_controller' });
    expect(await route()).toEqual(expected);
    await close();
  });
});

describe('over stdio', () => {
  it('[S10] each enhancer of a team runs once, in the order of Nest', async () => {
    const trace = new Trace();
    const { app: nest, close } = await start('memory', trace);
    const [input, output] = [new PassThrough(), new PassThrough()];
    const served = nest.get(StdioTransport).serve({ input, output });
    const envelope = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    trace.take();
    const params = { name: 'tool', arguments: {}, _meta: envelope };
    input.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
    await served;
    expect(String(output.read())).toContain('"text":"done"');
    expect(trace.take()).toEqual(callBehind(...EVERYWHERE));
    await close();
  });
});
