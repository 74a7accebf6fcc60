import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Call, RookeryLogger } from '../../src/core/index.js';
import {
  McpNodeTool,
  Node,
  NodeCatalogue,
  NodeRunner,
  NodeTools,
  NodesModule,
  ResilienceModule,
  WorkflowNode,
  type NodeConfiguration,
  type NodeContext,
} from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const parameters = z.strictObject({ text: z.string() });

/** Gives what its context has. */
@WorkflowNode({ category: 'transform', description: 'Tells its context.', parameters, openInputs: true })
class TellingNode extends Node<{ text: string }, Record<string, unknown>> {
  override run({ text }: { text: string }, context: NodeContext): Record<string, unknown> {
    const { nodeId, principal, idempotencyKey, inputs, call } = context;
    context.log('info', { said: text.length });
    context.logger.warn('was told something', { characters: text.length, node: 'another' });
    context.logger.debug('nobody asked for this');
    return { nodeId, principal: principal?.id ?? null, idempotencyKey, inputs: { ...inputs }, callId: call.id };
  }
}

@Injectable()
class TellingTools {
  @McpNodeTool({ node: TellingNode, rateLimit: 20, inputSchema: z.strictObject({ numbers: z.array(z.number()) }) })
  tellInputs({ numbers }: { numbers: readonly number[] }): NodeConfiguration {
    return { node_config: { text: 'fixed' }, inputs: { numbers, sum: numbers.reduce((a, b) => a + b, 0) } };
  }
}

@Module({ providers: [TellingNode, TellingTools] })
class TellingModule {}

const ann = { id: 'ann', roles: [], permissions: [], attributes: {} };

describe('what a node is told', () => {
  let running: TestServer;
  let lines = '';

  beforeAll(async () => {
    running = await createTestServer({
      principal: ann,
      logger: new RookeryLogger({
        level: 'info',
        format: 'json',
        destination: { write: (text: string) => (lines += text) },
      }),
      imports: [
        ResilienceModule.forRoot({ limits: { eventLoopDelayMs: 5_000 } }),
        NodesModule.forRoot(),
        TellingModule,
      ],
    });
    await running.app.get(NodeTools).registerNodeTool(TellingNode, 'tell', { rateLimit: 20 });
  });
  afterAll(() => running.close());

  const call = async (name: string, args: Record<string, unknown>, meta: Record<string, unknown> = {}) => {
    const { isError, structuredContent, content, _meta } = await running.client.callTool({
      name,
      arguments: args,
      _meta: meta,
    });
    const [block] = content;
    const text = block?.type === 'text' ? block.text : '{}';
    const value = structuredContent ?? (isError === true ? {} : (JSON.parse(text) as unknown));
    return { isError: isError === true, value: value as Record<string, unknown>, text, _meta };
  };

  it('is who is served, and a key that is the same for no other piece of work', async () => {
    const [first, second] = [await call('tell', { text: 'a' }), await call('tell', { text: 'a' })];
    expect(first.value).toMatchObject({ nodeId: 'tell', principal: 'ann', inputs: {} });
    expect(first.value['idempotencyKey']).toBe(`${String(first.value['callId'])}/tell`);
    expect(second.value['idempotencyKey']).not.toBe(first.value['idempotencyKey']);
  });

  it('is the key of whoever repeats the work, in every attempt', async () => {
    const type = running.app.get(NodeCatalogue).get('TellingNode');
    const attempt = () =>
      running.app.get(NodeRunner).run(
        type,
        { text: 'a' },
        {
          call: new Call({ kind: 'tool', name: 'workflow', input: {} }),
          nodeId: 'step',
          idempotencyKey: 'run-7/step/0',
        },
      );
    for (let count = 0; count < 2; count++) {
      expect(await attempt()).toMatchObject({ nodeId: 'step', idempotencyKey: 'run-7/step/0', principal: null });
    }
  });

  it('is the inputs that a method gives beside the parameters', async () => {
    const { value } = await call('tell_inputs', { numbers: [1, 2, 3] });
    expect(value).toMatchObject({ nodeId: 'tell_inputs', inputs: { numbers: [1, 2, 3], sum: 6 } });
  });

  it('goes to the client that asked for it by `log`', async () => {
    const heard: unknown[] = [];
    running.client.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params));
    await call('tell', { text: 'loud' }, { 'io.modelcontextprotocol/logLevel': 'info' });
    await call('tell', { text: 'quiet' }, { 'io.modelcontextprotocol/logLevel': 'error' });
    await call('tell', { text: 'not asked' });
    expect(heard).toEqual([{ level: 'info', data: { said: 4 }, logger: 'tell' }]);
  });

  it('[O5] goes to the operator by `logger`, with node, call and principal, and no parameter', async () => {
    lines = '';
    const { value } = await call('tell', { text: 'said-in-confidence' });
    const told = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ context }) => context === 'Nodes');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      level: 'warn',
      msg: 'was told something',
      characters: 18,
      type: 'TellingNode',
      node: 'tell',
      callId: value['callId'],
      principal: 'ann',
    });
    expect(lines).not.toContain('said-in-confidence');
  });

  it.each([
    ['tell', { text: 'a' }],
    ['tell_inputs', { numbers: [1] }],
  ])('[R4] is run 20 times a minute and no more where that is the limit: %s', async (name, args) => {
    const fresh = running.newTransport({ ...ann, id: `limited-${name}` });
    const { Client } = await import('@modelcontextprotocol/client');
    const client = new Client({ name: 'limited', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(fresh);
    try {
      const codes: unknown[] = [];
      for (let count = 0; count < 22; count++) {
        const { _meta } = await client.callTool({ name, arguments: args });
        codes.push(_meta?.['rookery/code'] ?? 'ok');
      }
      expect(codes).toEqual([...Array.from({ length: 20 }, () => 'ok'), 'rate_limited', 'rate_limited']);
    } finally {
      await client.close();
    }
  });
});

describe('a tool of a node that there is not', () => {
  it('stops the start with the type that may have been meant', async () => {
    @Injectable()
    class WrongTools implements OnApplicationBootstrap {
      constructor(
        private readonly catalogue: NodeCatalogue,
        private readonly tools: NodeTools,
      ) {}

      async onApplicationBootstrap(): Promise<void> {
        await this.catalogue.load();
        await this.tools.registerNodeTool(this.catalogue.get('TeIlingNode').nodeClass, 'tell');
      }
    }
    const start = createTestServer({ imports: [NodesModule.forRoot()], providers: [TellingNode, WrongTools] });
    await expect(start).rejects.toThrow('There is no node of the type "TeIlingNode". Did you mean TellingNode?');
  });

  it('stops the start where its class is no provider', async () => {
    const start = createTestServer({ imports: [NodesModule.forRoot()], providers: [TellingTools] });
    await expect(start).rejects.toThrow(/TellingNode is no node of this server: .*among the providers of a module/);
  });
});
