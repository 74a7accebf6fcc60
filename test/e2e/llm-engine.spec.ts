import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { InMemoryTelemetry } from '../../src/core/index.js';
import { installEngine, startEngine, type Engine } from '../support/llm/engine.js';
import { serviceOn, spender, type TestService } from '../support/llm/service.js';

/** A real engine: what it writes is noise; that it streams, stops, counts and keeps to a grammar is not. */
describe('the OpenAI-compatible provider on a real llama.cpp engine', { timeout: 60_000 }, () => {
  let engine: Engine;
  let test: TestService;
  beforeAll(async () => {
    await installEngine();
    engine = await startEngine();
    test = serviceOn({ local: { type: 'openai', baseUrl: engine.url } }, { telemetry: new InMemoryTelemetry() });
  }, 300_000);
  afterAll(() => engine?.stop());

  const ask = (maxTokens: number) => ({
    model: `local:${engine.model}`,
    messages: [{ role: 'user' as const, content: 'hello' }],
    maxTokens,
    temperature: 0.5,
    signal: new AbortController().signal,
  });

  it('[N5] streams tokens as they are made, and counts them as the engine does', async () => {
    const deltas: string[] = [];
    const answer = await test.service.chat({ ...ask(40), onText: (delta) => deltas.push(delta) }, spender());

    expect(deltas.length).toBeGreaterThan(3);
    expect(deltas.join('')).toBe(answer.text);
    expect(answer).toMatchObject({ model: engine.model, provider: 'local', finishReason: 'length' });
    expect(answer.usage.outputTokens).toBeGreaterThanOrEqual(39);
    expect(answer.usage.outputTokens).toBeLessThanOrEqual(41);
    expect(answer.usage.inputTokens).toBeGreaterThan(5);
    expect(answer.usage.estimated).toBeUndefined();
  });

  it('[N5] answers at once with the same text as streamed', async () => {
    let streamed = '';
    await test.service.chat({ ...ask(16), temperature: 0, onText: (delta) => (streamed += delta) }, spender());
    const whole = await test.service.chat({ ...ask(16), temperature: 0 }, spender());

    expect(whole.text).toBe(streamed);
  });

  it('[N5] keeps to a schema, which the engine enforces by a grammar', async () => {
    const schema = {
      type: 'object',
      properties: { strong: { type: 'boolean' }, kind: { enum: ['up', 'down'] } },
      required: ['strong', 'kind'],
      additionalProperties: false,
    };
    const result = await test.agent.run(
      { prompt: 'What do you find?', model: `local:${engine.model}`, schema, maxTokens: 200 },
      { principal: 'id:a', signal: new AbortController().signal },
    );

    expect(result.structured).toEqual({
      strong: expect.any(Boolean),
      kind: expect.stringMatching(/^(up|down)$/),
    });
    expect(result.rounds).toBe(1);
  });

  it('[N5] stops the engine when the caller goes away', async () => {
    const before = await engine.aborted();
    const gone = new AbortController();
    const waiting = test.service.chat({ ...ask(1900), signal: gone.signal, onText: () => gone.abort() }, spender());

    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(async () => expect(await engine.aborted()).toBe(before + 1), { timeout: 10_000 });
    // It is free for the next one.
    expect((await test.service.chat(ask(4), spender())).usage.outputTokens).toBeGreaterThan(0);
  });

  it('[N5] lists its models, and can be checked', async () => {
    const provider = test.providers.get('local');
    expect(await provider.models(new AbortController().signal)).toEqual([engine.model]);
    await expect(provider.check(new AbortController().signal)).resolves.toBeUndefined();
  });
});
