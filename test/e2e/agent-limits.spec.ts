import { Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  LLMAgentNode,
  McpTool,
  NodeTools,
  NodesModule,
  ResilienceModule,
  type ResilienceModuleOptions,
} from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';

const MODEL = 'ollama:llama3.2:3b';

@Injectable()
class PriceTools {
  asked: string[] = [];

  @McpTool({ description: 'Says what something costs.', inputSchema: z.object({ what: z.string() }) })
  price({ what }: { what: string }): string {
    this.asked.push(what);
    return `${what} costs 7`;
  }
}

/** What a model asks for in one round. */
const prices = (...things: readonly string[]) => ({
  toolCalls: things.map((what) => ({ name: 'price', input: { what } })),
});

describe('what the model of an agent chooses to call', () => {
  let llm: LlmServer;
  let running: TestServer;
  beforeEach(async () => {
    llm = await startLlmServer(ollamaWire);
  });
  afterEach(async () => {
    await running.close();
    await llm.stop();
  });

  const serve = async (rateLimit: ResilienceModuleOptions['rateLimit'], ai: object = {}): Promise<PriceTools> => {
    running = await createTestServer({
      imports: [
        ResilienceModule.forRoot({ rateLimit, limits: { eventLoopDelayMs: 5_000 } }),
        NodesModule.forRoot({ ai: { providers: { ollama: { type: 'ollama', baseUrl: llm.origin } }, ...ai } }),
      ],
      providers: [PriceTools],
    });
    await running.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'agent');
    return running.app.get(PriceTools);
  };
  const ask = async (tools: readonly string[]) => {
    const { isError, structuredContent } = await running.client.callTool({
      name: 'agent',
      arguments: { prompt: 'What does it cost?', model: MODEL, tools },
    });
    return { isError: isError === true, value: structuredContent };
  };
  const told = (): string => JSON.stringify(llm.received.at(-1)?.body);

  it.each([
    ['of the caller', { requestsPerMinute: 3 }, 'At most 3 calls are allowed in 60 seconds'],
    ['of everybody', { globalRequestsPerMinute: 3 }, 'At most 3 calls of all callers are allowed in 60 seconds'],
  ])('[R4][N5] counts against the limits %s, and it is told when they are reached', async (_whose, limits, refusal) => {
    const tools = await serve(limits);
    llm.answer(prices('tea', 'milk', 'rum', 'gin'), { pieces: ['Seven.'] });
    expect(await ask(['price'])).toMatchObject({ isError: false, value: { response: 'Seven.', rounds: 2 } });
    // The agent's own call is the first of three.
    expect(tools.asked).toEqual(['tea', 'milk']);
    expect(told()).toContain(refusal);
  });

  it('[N5] is bounded for a run and the agents that it calls together', async () => {
    const tools = await serve({}, { maxToolCalls: 4 });
    const nested = { name: 'agent', input: { prompt: 'Ask.', model: MODEL, tools: ['price'] } };
    llm.answer(
      { toolCalls: [nested, { name: 'price', input: { what: 'rum' } }, { name: 'price', input: { what: 'gin' } }] },
      prices('tea', 'milk'),
      { pieces: ['Inner.'] },
      { pieces: ['Outer.'] },
    );
    expect(await ask(['agent', 'price'])).toMatchObject({ isError: false, value: { response: 'Outer.' } });
    expect(tools.asked).toEqual(['tea', 'milk', 'rum']);
    expect(told()).toContain('This run has called 4 tools, which is all that it may (nodes.ai.maxToolCalls)');
  });
});
