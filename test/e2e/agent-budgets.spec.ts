import { Client } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AuthModule,
  EmbeddingGeneratorNode,
  LLMAgentNode,
  NodeTools,
  NodesModule,
  ResilienceModule,
  ResilienceStatus,
} from '../../src/index.js';
import { createTestServer, type TestServer, type TestServerOptions } from '../../src/testing/index.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';

const MODEL = 'ollama:llama3.2:3b';
const KEYS = { ann: 'rk_ann_Zm9yIHRlc3RzIG9ubHksIG5vdCBh', bob: 'rk_bob_c2VjcmV0IG9mIGFueWJvZHkgYXQ' } as const;

describe('nodes that ask models, as tools', () => {
  let llm: LlmServer;
  let running: TestServer;
  beforeEach(async () => {
    llm = await startLlmServer(ollamaWire);
  });
  afterEach(async () => {
    await running.close();
    await llm.stop();
  });

  const serve = async (ai: object, { imports = [], ...more }: TestServerOptions = {}): Promise<void> => {
    const ollama = { type: 'ollama', baseUrl: llm.origin } as const;
    const providers = { ollama, other: ollama };
    running = await createTestServer({
      imports: [...imports, NodesModule.forRoot({ ai: { providers, ...ai } })],
      ...more,
    });
    await running.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'agent');
    await running.app.get(NodeTools).registerNodeTool(EmbeddingGeneratorNode, 'embed');
  };
  const call = async (name: 'agent' | 'embed', args: object, client: Client = running.client) => {
    const { content, isError } = await client.callTool({ name, arguments: { ...args } });
    return { isError: isError === true, text: JSON.stringify(content) };
  };
  const ask = (client?: Client, more: object = {}) => call('agent', { prompt: 'Hi', model: MODEL, ...more }, client);
  const embed = { texts: Array.from({ length: 10 }, (_, n) => `text ${n}`), model: 'ollama:nomic-embed' };

  it('[N5] vectors that a model asks for are part of what its run may use up', async () => {
    await serve({ budgets: { perRun: { tokens: 30 } } });
    llm.answer({ toolCalls: [{ name: 'embed', input: embed }], usage: { input: 20, output: 0 } });
    const { isError, text } = await ask(undefined, { tools: ['embed'] });
    expect({ isError, text }).toMatchObject({
      isError: true,
      text: expect.stringContaining('perRun.tokens') as string,
    });
    expect(llm.received).toHaveLength(1);
  });

  it('[N5] count against the budget of the caller, whatever node asks, and against nobody else’s', async () => {
    const auth = AuthModule.forRoot({
      apiKeys: { ann: { secret: KEYS.ann, roles: [] }, bob: { secret: KEYS.bob, roles: [] } },
    });
    const budgets = { perPrincipal: { tokensPerDay: 30 } };
    await serve({ budgets }, { imports: [auth], transport: 'http', credential: KEYS.ann });
    const bob = new Client({ name: 'bob', version: '0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await bob.connect(running.newTransport(KEYS.bob));
    try {
      expect(await ask()).toMatchObject({ isError: false });
      for (const refused of [await ask(), await call('embed', embed)]) {
        expect(refused.isError).toBe(true);
        expect(refused.text).toMatch(/Your budget for language models is used up .* Try again in \d+ s\./);
      }
      expect(await call('embed', embed, bob)).toMatchObject({ isError: false });
      expect(await ask(bob)).toMatchObject({ isError: false });
      expect(await ask(bob)).toMatchObject({ isError: true });
      expect(llm.received).toHaveLength(2);
    } finally {
      await bob.close();
    }
  });

  it('[N5, R5] leave a provider alone that keeps failing, and no other, and are not left alone themselves', async () => {
    const resilience = { circuitBreaker: { failureThreshold: 2 }, limits: { eventLoopDelayMs: 5_000 } };
    await serve({}, { imports: [ResilienceModule.forRoot(resilience)] });
    const fault = { fault: { kind: 'status', status: 500 } } as const;
    llm.answer(fault, fault);
    for (let count = 0; count < 2; count++) expect(await ask()).toMatchObject({ isError: true });

    for (const refused of [await ask(), await call('embed', embed)]) {
      expect(refused.text).toContain('The provider \\"ollama\\" has failed repeatedly and is left alone for now.');
    }
    expect(llm.received).toHaveLength(2);
    const open = running.app
      .get(ResilienceStatus)
      .breakers()
      .filter(({ state }) => state === 'open');
    expect(open.map(({ name }) => name)).toEqual(['llm:ollama']);
    expect(await ask(undefined, { model: 'other:llama3.2:3b' })).toMatchObject({ isError: false });
    running.app.get(ResilienceStatus).resetBreaker('llm:ollama');
    expect(await ask()).toMatchObject({ isError: false });
  });
});
