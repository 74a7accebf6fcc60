import { Injectable, Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  McpNodeTool,
  Node,
  NodeTools,
  NodesModule,
  ToolCacheModule,
  ToolError,
  WorkflowNode,
  createServer,
  secretRef,
  type NodeConfiguration,
  type NodeContext,
} from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const parameters = z.strictObject({
  text: z.string().min(1),
  loud: z.boolean().default(false),
  token_ref: secretRef('Who speaks.').optional(),
});

@WorkflowNode({
  category: 'transform',
  description: 'Says a text again.',
  parameters,
  output: z.strictObject({ said: z.string() }),
  readOnly: true,
  examples: [{ title: 'loudly', parameters: { text: 'hello', loud: true } }],
})
class EchoNode extends Node<z.output<typeof parameters>, { said: string }> {
  runs = 0;

  override run({ text, loud, token_ref }: z.output<typeof parameters>, context: NodeContext): { said: string } {
    this.runs++;
    if (text === 'refuse') throw new ToolError('That is not said here.');
    if (token_ref !== undefined) return { said: String(context.secret(token_ref).length) };
    if (text === 'reach') return { said: `${context.files.names.join()} ${typeof context.egress.request}` };
    if (text === 'wrong') return { said: 1 } as unknown as { said: string };
    return { said: loud ? text.toUpperCase() : text };
  }
}

@Injectable()
class EchoTools {
  @McpNodeTool({
    node: EchoNode,
    toolName: 'echo_loudly',
    description: 'Says it loudly.',
    cacheTtl: 60,
    inputSchema: z.object({ text: z.string(), extra: z.unknown().optional() }),
  })
  echoLoudly({ text, extra }: { text: string; extra?: unknown }): NodeConfiguration {
    return { node_config: { text, loud: true, ...(extra === undefined ? {} : { extra }) } };
  }
}

@Module({ providers: [EchoNode, EchoTools] })
class EchoModule {}

describe('nodes as tools', () => {
  let running: TestServer;

  beforeAll(async () => {
    running = await createTestServer({
      imports: [
        ToolCacheModule.forRoot({}),
        NodesModule.forRoot({ secrets: { voice: { value: 'a-long-secret' } } }),
        EchoModule,
      ],
    });
    await running.app.get(NodeTools).registerNodeTool(EchoNode, 'echo');
  });
  afterAll(() => running.close());

  const call = async (name: string, args: Record<string, unknown>) => {
    const result = await running.client.callTool({ name, arguments: args });
    const text = result.content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
    return { text, isError: result.isError, structured: result.structuredContent };
  };

  it('serves a node by one call: its parameters are the arguments, its output the result', async () => {
    const { tools } = await running.client.listTools();
    expect(tools.find(({ name }) => name === 'echo')).toMatchObject({
      description: 'Says a text again.',
      inputSchema: { required: ['text'], additionalProperties: false },
      outputSchema: { properties: { said: { type: 'string' } } },
      annotations: { readOnlyHint: true },
    });
    expect(await call('echo', { text: 'hello', loud: true })).toMatchObject({ structured: { said: 'HELLO' } });
  });

  it('[N6] refuses unknown and wrong parameters, each named', async () => {
    const wrong = await call('echo', { text: '', loud: 'false', txet: 'x' });
    expect(wrong.isError).toBe(true);
    for (const name of ['text', 'loud', 'txet']) expect(wrong.text).toContain(name);
  });

  it('[N6] names node and parameter where a method configured it wrongly', async () => {
    const wrong = await call('echo_loudly', { text: 'hello', extra: 1 });
    expect(wrong.isError).toBe(true);
    expect(wrong.text).toContain('parameters of EchoNode');
    expect(wrong.text).toContain('extra');
  });

  it('runs a node that a method configured, once for as long as its result is cached', async () => {
    const { runs } = running.app.get(EchoNode);
    for (let i = 0; i < 2; i++) {
      expect(await call('echo_loudly', { text: 'quiet' })).toMatchObject({ structured: { said: 'QUIET' } });
    }
    expect(running.app.get(EchoNode).runs).toBe(runs + 1);
  });

  it('hands on what a node refuses, and nothing of an output that breaks its schema', async () => {
    expect(await call('echo', { text: 'refuse' })).toMatchObject({ isError: true, text: 'That is not said here.' });
    const { text } = await call('echo', { text: 'wrong' });
    expect(text).toContain('Correlation id');
  });

  it('gives a node its folders and the way out', async () => {
    expect(await call('echo', { text: 'reach' })).toMatchObject({ structured: { said: ' function' } });
  });

  it('takes secrets by reference only', async () => {
    expect(await call('echo', { text: 'x', token_ref: 'voice' })).toMatchObject({ structured: { said: '13' } });
    const given = await call('echo', { text: 'x', token: 'a-long-secret' });
    expect(given.text).toContain('takes no secret: name one of nodes.secrets in `token_ref`');
    expect(given.text).not.toContain('a-long-secret');
    const { text } = await call('echo', { text: 'x', token_ref: 'voise' });
    expect(text).toContain('There is no secret of that name.');
    expect(text).not.toMatch(/voise|voice/);
  });
});

describe('secrets of nodes', () => {
  it('stop the start when they could not be masked, or not be read, each with its place', async () => {
    const secrets = { short: { value: 'seven77' }, gone: { file: '/nowhere/secret' } };
    const start = createTestServer({ imports: [NodesModule.forRoot({ secrets })] });
    await expect(start).rejects.toThrow(
      /nodes\.secrets\.short: it has fewer than 8[\s\S]*nodes\.secrets\.gone: ENOENT/,
    );
  });
});

describe('a node that is declared wrongly', () => {
  @WorkflowNode({ category: 'data', description: 'No node.', parameters: z.strictObject({}) })
  class NoNode {}

  it('stops the start with its name', async () => {
    const start = createTestServer({ imports: [NodesModule.forRoot()], providers: [NoNode] });
    await expect(start).rejects.toThrow(/NoNode: a class with @WorkflowNode\(\) must extend Node/);
  });

  it('refuses a class that is no provider, with what to do', async () => {
    const { app, stop } = await createServer({ imports: [NodesModule.forRoot()] });
    try {
      const register = app.get(NodeTools).registerNodeTool(EchoNode, 'echo');
      await expect(register).rejects.toThrow('among the providers of a module');
    } finally {
      await stop();
    }
  });
});
