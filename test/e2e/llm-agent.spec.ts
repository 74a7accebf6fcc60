import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InMemoryTelemetry, ToolError } from '../../src/core/index.js';
import { InMemoryLlmBudgets, type AgentContext, type AgentInput } from '../../src/nodes/ai/index.js';
import { anthropicWire } from '../support/llm/anthropic-wire.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { openAiWire } from '../support/llm/openai-wire.js';
import { serviceOn, type TestService, type TestServiceParts } from '../support/llm/service.js';

const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};
const WEATHER = {
  name: 'weather',
  description: 'The weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
};

describe.each([
  { wire: ollamaWire, base: '' },
  { wire: openAiWire, base: '/v1' },
  { wire: anthropicWire, base: '' },
])('an agent on $wire.type', ({ wire, base }) => {
  let server: LlmServer;
  beforeEach(async () => {
    server = await startLlmServer(wire);
  });
  afterEach(() => server.stop());

  const on = (section: object = {}, parts: TestServiceParts = {}): TestService =>
    serviceOn(
      { it: { type: wire.type, baseUrl: server.origin + base } },
      { ...parts, section: { defaultModel: 'it:llama3.2:3b', ...section } },
    );
  const context = (more: Partial<AgentContext> = {}): AgentContext => ({
    principal: 'id:a',
    signal: new AbortController().signal,
    ...more,
  });
  const run = (input: AgentInput, more: Partial<AgentContext> = {}, section: object = {}): Promise<unknown> =>
    on(section).agent.run(input, context(more));
  const sent = (index: number): string => JSON.stringify(server.received[index]?.body);

  it('[N5] answers a prompt, and what is connected to it goes along as labelled JSON', async () => {
    const openInputs = { statistics: { mean: 4.5 }, correlations: ['a```b'] };
    const result = await run({ prompt: 'What stands out?', systemPrompt: 'You are an analyst.', openInputs });

    expect(result).toEqual({
      response: 'Hello there.',
      usage: { input_tokens: 26, output_tokens: 12 },
      model: 'llama3.2:3b',
      provider: 'it',
      finish_reason: 'stop',
      rounds: 1,
    });
    const body = sent(0).replaceAll('\\n', '\n').replaceAll('\\"', '"');
    expect(body).toContain('What stands out?');
    expect(body).toContain('You are an analyst.');
    expect(body).toContain('statistics:\n```json\n{"mean":4.5}\n```');
  });

  it('[N5] gives the value of an answer that fits its schema, out of a code fence too', async () => {
    server.answer({ pieces: ['Sure:\n```json\n', '{"city":"Ulm","degrees":7}', '\n```'] });
    expect(await run({ prompt: 'Weather?', schema: SCHEMA })).toMatchObject({
      structured: { city: 'Ulm', degrees: 7 },
      rounds: 1,
    });
  });

  it('[N5] gives an answer back once with its faults', async () => {
    server.answer({ pieces: ['{"city":"Ulm"}'] }, { pieces: ['{"city":"Ulm","degrees":7}'] });
    expect(await run({ prompt: 'Weather?', schema: SCHEMA })).toMatchObject({
      structured: { city: 'Ulm', degrees: 7 },
      rounds: 2,
      usage: { input_tokens: 52, output_tokens: 24 },
    });
    expect(sent(1)).toContain('degrees: is required');
  });

  it('[N5] names the faults of an answer that does not fit after that, and not its values', async () => {
    const wrong = { pieces: ['{"city":"top-secret","degrees":"warm"}'] };
    server.answer(wrong, wrong);
    const error = await run({ prompt: 'Weather?', schema: SCHEMA }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'tool_error', details: { faults: [{ path: 'degrees' }] } });
    expect((error as Error).message).not.toContain('top-secret');
    expect(server.received).toHaveLength(2);
  });

  it('[N5] calls the tools that the model asks for, and tells it what came of them', async () => {
    const called: unknown[] = [];
    const caller = {
      callTool: async (name: string, input: object): Promise<unknown> => {
        called.push([name, input]);
        if (called.length > 1) throw new ToolError('No such city.');
        return { degrees: 7 };
      },
    };
    server.answer(
      {
        pieces: ['Let me see.'],
        toolCalls: [
          { name: 'weather', input: { city: 'Ulm' } },
          { name: 'weather', input: { city: 'Atlantis' } },
          { name: 'wether', input: {} },
        ],
      },
      { pieces: ['7 degrees.'] },
    );
    const result = await run({ prompt: 'Weather?', tools: [WEATHER] }, { caller });

    expect(result).toMatchObject({ response: '7 degrees.', rounds: 2, finish_reason: 'stop' });
    expect(called).toEqual([
      ['weather', { city: 'Ulm' }],
      ['weather', { city: 'Atlantis' }],
    ]);
    const body = sent(1).replaceAll('\\', '');
    expect(body).toContain('{"degrees":7}');
    expect(body).toContain('No such city.');
    expect(body).toContain('Did you mean "weather"?');
  });

  it('[N5] lets a model ask for tools in so many rounds, and then wants an answer', async () => {
    const asking = { toolCalls: [{ name: 'weather', input: {} }] };
    const caller = { callTool: async (): Promise<unknown> => 'rain' };
    server.answer(asking, asking, { pieces: ['Rain.'] });
    const input = { prompt: 'Weather?', tools: [WEATHER] };
    expect(await run(input, { caller }, { maxRounds: 2 })).toMatchObject({ response: 'Rain.', rounds: 3 });

    server.answer(asking, asking, asking);
    await expect(run(input, { caller }, { maxRounds: 2 })).rejects.toThrow('nodes.ai.maxRounds');
  });

  it('[N5] ends when the caller goes away while a tool runs', async () => {
    const gone = new AbortController();
    const caller = {
      callTool: async (): Promise<unknown> => {
        gone.abort();
        throw new Error('aborted');
      },
    };
    server.answer({ toolCalls: [{ name: 'weather', input: {} }] });
    const waiting = run({ prompt: 'Weather?', tools: [WEATHER] }, { caller, signal: gone.signal });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.received).toHaveLength(1);
  });

  it('[N5] stops a run that has used up its budget', async () => {
    const asking = { toolCalls: [{ name: 'weather', input: {} }] };
    server.answer(asking, asking, asking);
    const caller = { callTool: async (): Promise<unknown> => 'rain' };
    const section = { budgets: { perRun: { tokens: 60 } } };
    await expect(run({ prompt: 'W?', tools: [WEATHER] }, { caller }, section)).rejects.toMatchObject({
      code: 'rate_limited',
      details: { limit: 'perRun.tokens' },
    });
    expect(server.received).toHaveLength(2);
  });

  it('[N5] refuses a principal whose day is used up, with the seconds to wait, and nobody else', async () => {
    let now = 0;
    const budgets = new InMemoryLlmBudgets(() => now);
    const { agent } = on({ budgets: { perPrincipal: { tokensPerDay: 30 } } }, { budgets });
    const ask = (principal: string): Promise<unknown> => agent.run({ prompt: 'Hi' }, context({ principal }));
    await ask('id:a');

    await expect(ask('id:a')).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfter: 87_000 } });
    await expect(ask('id:b')).resolves.toBeDefined();
    now = 87_000_000;
    await expect(ask('id:a')).resolves.toBeDefined();
  });

  it('[N5] counts cost by the prices, and refuses models without one where cost is limited', async () => {
    const telemetry = new InMemoryTelemetry();
    const prices = { 'it:*': { input: 1, output: 2 } };
    const { agent } = on({ prices, currency: 'EUR' }, { telemetry });
    expect(await agent.run({ prompt: 'Hi' }, context())).toMatchObject({ cost: { amount: 5e-5, currency: 'EUR' } });
    const cost = telemetry.samples().find(({ name }) => name === 'rookery_llm_cost_total');
    expect(cost).toMatchObject({ value: 5e-5, labels: { provider: 'it', model: 'llama3.2:3b', currency: 'EUR' } });

    const limited = on({ budgets: { perPrincipal: { costPerDay: 1 } } }).agent.run({ prompt: 'Hi' }, context());
    await expect(limited).rejects.toThrow('nodes.ai.prices["it:*"]');
  });

  it('[N5] makes no series of models that there are not', async () => {
    const telemetry = new InMemoryTelemetry();
    const { agent } = on({}, { telemetry });
    for (const model of ['it:x1', 'it:x2']) await agent.run({ prompt: 'Hi', model }, context()).catch(() => undefined);
    const models = telemetry
      .samples()
      .filter(({ name }) => name === 'rookery_llm_requests_total')
      .map(({ labels }) => labels['model']);
    expect(models).toEqual(['_other']);
  });

  it.each([
    [{}, /nothing to ask/],
    [{ prompt: 'x'.repeat(2000) }, /nodes\.ai\.maxPromptBytes/],
    [{ prompt: 'x', openInputs: { rows: 'y'.repeat(2000) } }, /"rows"/],
    [{ prompt: 'x', openInputs: { big: 1n } }, /"big" cannot be written as JSON/],
    [{ prompt: 'x', schema: { type: 'string', pattern: '(a+)+$' } }, /pattern is not served/],
    [{ prompt: 'x', schema: { type: 'strong' } }, /schema of the answer cannot be used/],
    [{ prompt: 'x', model: 'llama' }, /provider:name/],
    [{ prompt: 'x', model: 'ut:llama3.2:3b' }, /Did you mean "it"\?/],
  ] as readonly (readonly [AgentInput, RegExp])[])('[N5] refuses %o before it asks anybody', async (input, message) => {
    await expect(run(input, {}, { maxPromptBytes: 1000 })).rejects.toThrow(message);
    expect(server.received).toHaveLength(0);
  });
});

describe('without a provider', () => {
  it('[N5] an agent says which key to set, and makes nothing up', async () => {
    const { agent } = serviceOn({});
    const asked = agent.run(
      { prompt: 'Hi', model: 'ollama:llama3.2:3b' },
      { principal: '', signal: new AbortController().signal },
    );
    await expect(asked).rejects.toThrow(
      'No provider of language models is configured. Set nodes.ai.providers, for example nodes.ai.providers.ollama',
    );
  });
});
