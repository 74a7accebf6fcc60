import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  CallObservers,
  EmbeddingGeneratorNode,
  LLMAgentNode,
  McpTool,
  NodeTools,
  NodesModule,
  ToolCacheModule,
  type Call,
  type Principal,
} from '../../src/index.js';
import { PermissionsModule } from '../../src/permissions/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';

const ANN: Principal = { id: 'ann', roles: ['analyst'], permissions: [], attributes: {} };

@Injectable()
class OfficeTools {
  @McpTool({
    description: 'Says what something costs.',
    inputSchema: z.object({ what: z.string() }),
    requiredPermissions: ['read'],
  })
  price({ what }: { what: string }): string {
    return `${what} costs 7`;
  }

  @McpTool({ description: 'Pays everybody.', requiredPermissions: ['pay'] })
  payroll(): string {
    return 'paid';
  }
}

describe('LLMAgentNode', () => {
  let llm: LlmServer;
  let running: TestServer;
  const calls: Call[] = [];

  beforeAll(async () => {
    llm = await startLlmServer(ollamaWire);
    running = await createTestServer({
      principal: ANN,
      imports: [
        PermissionsModule.forRoot({ roles: { analyst: ['read'] }, authRequired: true }),
        NodesModule.forRoot({ ai: { providers: { ollama: { type: 'ollama', baseUrl: llm.origin } } } }),
      ],
      providers: [OfficeTools],
    });
    running.app.get(CallObservers).add({ start: (call) => void calls.push(call) });
    await running.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'agent', { requiredPermissions: ['read'] });
  });

  afterAll(async () => {
    await running.close();
    await llm.stop();
  });

  const ask = async (args: Record<string, unknown>) => {
    const { content, isError, structuredContent } = await running.client.callTool({
      name: 'agent',
      arguments: { prompt: 'What does tea cost?', model: 'ollama:llama3.2:3b', ...args },
    });
    const text = content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
    return { text, isError: isError === true, value: structuredContent as Record<string, unknown> };
  };

  it('[N5] calls tools of the server as calls of their own, with the principal of who asks', async () => {
    llm.answer({ toolCalls: [{ name: 'price', input: { what: 'tea' } }] }, { pieces: ['Seven', '.'] });
    const { value } = await ask({ tools: ['price'] });
    expect(value).toMatchObject({ response: 'Seven.', rounds: 2, finish_reason: 'stop' });
    const inner = calls.find(({ name }) => name === 'price');
    expect(inner).toMatchObject({ principal: ANN, parent: { name: 'agent' }, input: { what: 'tea' } });
    expect(JSON.stringify(llm.received.at(-1)?.body)).toContain('tea costs 7');
  });

  it('[N5] knows no tool that who asks may not see, in the words for one that is not there', async () => {
    const hidden = await ask({ tools: ['payroll'] });
    const missing = await ask({ tools: ['payrolls'] });
    expect(hidden).toMatchObject({ isError: true, text: 'There is no tool "payroll".' });
    expect(missing.text).toBe('There is no tool "payrolls".');
  });

  it('[N5] calls nothing that it was not given, whatever the model asks for', async () => {
    llm.answer({ toolCalls: [{ name: 'payroll', input: {} }] }, { pieces: ['No.'] });
    expect((await ask({ tools: ['price'] })).value).toMatchObject({ response: 'No.' });
    expect(calls.filter(({ name }) => name === 'payroll')).toEqual([]);
    expect(JSON.stringify(llm.received.at(-1)?.body)).toContain('There is no tool');
  });

  it('[N5] gives an agent that a model calls no tool that it was not given itself', async () => {
    const nested = { prompt: 'Ask.', model: 'ollama:llama3.2:3b', tools: ['price'] };
    llm.answer({ toolCalls: [{ name: 'agent', input: nested }] }, { pieces: ['No.'] });
    expect((await ask({ tools: ['agent'] })).value).toMatchObject({ response: 'No.' });
    expect(JSON.stringify(llm.received.at(-1)?.body)).toContain('There is no tool \\"price\\"');
  });

  it('[N5] makes vectors of texts', async () => {
    await running.app.get(NodeTools).registerNodeTool(EmbeddingGeneratorNode, 'embed');
    const { structuredContent } = await running.client.callTool({
      name: 'embed',
      arguments: { texts: ['one', 'two'], model: 'ollama:nomic-embed' },
    });
    const { embeddings, dimensions } = structuredContent as { embeddings: number[][]; dimensions: number };
    expect(embeddings.map((vector) => vector.length)).toEqual([dimensions, dimensions]);
    expect(dimensions).toBeGreaterThan(0);
  });

  it('[N5] counts what agents use in the course of others against the same budget', async () => {
    const budgeted = await createTestServer({
      imports: [
        NodesModule.forRoot({
          ai: {
            providers: { ollama: { type: 'ollama', baseUrl: llm.origin } },
            budgets: { perRun: { tokens: 100 } },
          },
        }),
      ],
    });
    try {
      await budgeted.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'agent');
      const usage = { input: 60, output: 0 };
      const nested = { prompt: 'Again.', model: 'ollama:llama3.2:3b' };
      llm.answer({ toolCalls: [{ name: 'agent', input: nested }], usage }, { pieces: ['Inner.'], usage });
      const { isError, content } = await budgeted.client.callTool({
        name: 'agent',
        arguments: { ...nested, tools: ['agent'] },
      });
      expect({ isError, text: JSON.stringify(content) }).toMatchObject({
        isError: true,
        text: expect.stringContaining('perRun.tokens') as string,
      });
    } finally {
      await budgeted.close();
    }
  });

  it('[R2][N5] does not wait for its own result when it is asked the same in its own course', async () => {
    const cached = await createTestServer({
      imports: [
        ToolCacheModule.forRoot({}),
        NodesModule.forRoot({ ai: { providers: { ollama: { type: 'ollama', baseUrl: llm.origin } } } }),
      ],
    });
    try {
      const options = { cacheTtl: 60, cacheWrites: true };
      await cached.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'agent', options);
      const same = { prompt: 'The same.', model: 'ollama:llama3.2:3b', tools: ['agent'] };
      llm.answer({ toolCalls: [{ name: 'agent', input: same }] }, { pieces: ['Inner.'] }, { pieces: ['Outer.'] });
      const askAgent = () => cached.client.callTool({ name: 'agent', arguments: same });
      expect((await askAgent()).structuredContent).toMatchObject({ response: 'Outer.' });
      const asked = llm.received.length;
      expect((await askAgent()).structuredContent).toMatchObject({ response: 'Outer.' });
      expect(llm.received).toHaveLength(asked);
    } finally {
      await cached.close();
    }
  });

  it('[N5] refuses schemas that take longer than their size says', async () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`a${n}`, { allOf: [1, 2].map(() => ({ $ref: `#/$defs/a${n + 1}` })) }]),
    );
    const { text } = await ask({ output_schema: { $defs: { ...doubling, a40: {} }, $ref: '#/$defs/a0' } });
    expect(text).toContain('$ref is not served here');
  });

  it('[N5] does not call itself without end', async () => {
    const again = { name: 'agent', input: { prompt: 'Again.', model: 'ollama:llama3.2:3b', tools: ['agent'] } };
    llm.answer(...Array.from({ length: 5 }, () => ({ toolCalls: [again] })));
    const before = llm.received.length;
    expect((await ask({ tools: ['agent'] })).value).toMatchObject({ response: 'Hello there.' });
    expect(llm.received.length - before).toBe(10);
    expect(
      llm.received
        .slice(before)
        .map(({ body }) => JSON.stringify(body))
        .join(),
    ).toContain('5 deep');
  });

  it('[N5] reports what the model writes while it writes, to a client that asked', async () => {
    llm.answer({ pieces: ['One', ' two', ' three'] });
    const heard: string[] = [];
    await running.client.callTool(
      { name: 'agent', arguments: { prompt: 'Count.', model: 'ollama:llama3.2:3b' } },
      { onprogress: ({ message }) => void heard.push(message ?? '') },
    );
    expect(heard.join('')).toBe('One two three');
  });

  it('[N5] gives back a value where a schema asks for one', async () => {
    llm.answer({ pieces: ['{"price": 7}'] });
    const schema = { type: 'object', properties: { price: { type: 'number' } }, required: ['price'] };
    expect((await ask({ output_schema: schema })).value).toMatchObject({ structured: { price: 7 } });
  });
});
