import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InMemoryTelemetry } from '../../src/core/index.js';
import { LlmProviderError, type ModelRequest } from '../../src/nodes/ai/index.js';
import {
  CircuitBreakers,
  InMemorySharedBreakers,
  ResilienceOptions,
  circuitBreakerOptions,
} from '../../src/resilience/index.js';
import { anthropicWire } from '../support/llm/anthropic-wire.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { openAiWire } from '../support/llm/openai-wire.js';
import type { Fault } from '../support/llm/script.js';
import { serviceOn, spender, type TestService, type TestServiceParts } from '../support/llm/service.js';

const KEY = 'sk-test-0123456789abcdef';
const OTHER_KEY = 'sk-other-9876543210fedcba';

/** Every provider through its real client package, against a server that speaks its wire. */
describe.each([
  { wire: ollamaWire, base: '' },
  { wire: openAiWire, base: '/v1' },
  { wire: anthropicWire, base: '' },
])('a provider of the type $wire.type', ({ wire, base }) => {
  let server: LlmServer;
  let printed: string[];
  beforeEach(async () => {
    server = await startLlmServer(wire, KEY);
    printed = [];
    for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((...values: unknown[]) => void printed.push(values.join(' ')));
    }
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await server.stop();
    // The clients print what they cannot read, prompts and keys included.
    if (printed.length > 0) throw new Error(`A client printed: ${printed.join(' · ')}`);
  });

  const on = (entry: object = {}, parts: TestServiceParts = {}): TestService =>
    serviceOn({ it: { type: wire.type, baseUrl: server.origin + base, apiKey: KEY, retries: 0, ...entry } }, parts);
  const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
    model: 'it:llama3.2:3b',
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hi' },
    ],
    signal: new AbortController().signal,
    ...more,
  });
  const ways = [
    ['at once', {}],
    ['streamed', { onText: () => undefined }],
  ] as const;

  it('[N5] answers at once, with usage, and says which model answered', async () => {
    const answer = await on().service.chat(request({ maxTokens: 77 }), spender());

    expect(answer).toMatchObject({
      text: 'Hello there.',
      toolCalls: [],
      usage: { inputTokens: 26, outputTokens: 12 },
      finishReason: 'stop',
      model: 'llama3.2:3b',
      provider: 'it',
    });
    const [{ body, headers } = server.received[0]!] = server.received;
    expect(JSON.stringify(body)).toContain('Be kind.');
    expect(JSON.stringify(body)).toContain('77');
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it('[N5] streams the answer piece by piece, with the same usage', async () => {
    const deltas: string[] = [];
    const answer = await on().service.chat(request({ onText: (delta) => deltas.push(delta) }), spender());

    expect(deltas).toEqual(['Hello', ' there', '.']);
    expect(answer).toMatchObject({ text: 'Hello there.', usage: { inputTokens: 26, outputTokens: 12 } });
  });

  it.each(ways)('[N5] hands on what the model asks of tools, %s', async (_, way) => {
    const toolCalls = [
      { name: 'weather', input: { city: 'Ulm' } },
      { name: 'time', input: {} },
    ];
    server.answer({ pieces: ['Let me see.'], toolCalls });
    const tools = toolCalls.map(({ name }) => ({ name, description: 'A tool', inputSchema: { type: 'object' } }));
    const answer = await on().service.chat(request({ ...way, tools }), spender());

    expect(answer.toolCalls.map(({ name, input }) => ({ name, input }))).toEqual(toolCalls);
    expect(answer).toMatchObject({ text: 'Let me see.', finishReason: 'tool_calls' });
    expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(2);
  });

  it.each(ways)('[N5] says that an answer was cut at its length, %s', async (_, way) => {
    server.answer({ pieces: ['Hel'], finish: 'length' });
    expect(await on().service.chat(request(way), spender())).toMatchObject({ finishReason: 'length' });
  });

  it('[N5] asks for JSON of a schema in the words of the provider', async () => {
    const schema = { type: 'object', properties: { a: { type: 'number', title: 'marker' } } };
    await on().service.chat(request({ schema }), spender());
    const { messages: _, ...rest } = server.received[0]!.body;
    expect(JSON.stringify(rest)).toContain('marker');
  });

  it('[N5] names the model that it may have been when there is none of that name', async () => {
    await expect(on().service.chat(request({ model: 'it:lama3.2:3b' }), spender())).rejects.toThrow(
      /The provider "it" has no such model.*Did you mean "it:llama3\.2:3b"\?/,
    );
  });

  it.each(ways)(
    '[N5] says which key to set when its credential is refused, and tells nobody what it was, %s',
    async (_, way) => {
      const error = await on({ apiKey: OTHER_KEY })
        .service.chat(request(way), spender())
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ message: expect.stringContaining('nodes.ai.providers.it.apiKey') });
      for (let at = error; at instanceof Error; at = at.cause) {
        expect(`${at.message} ${at.stack} ${JSON.stringify(at)}`).not.toContain('9876543210');
      }
    },
  );

  const broken: readonly (readonly [string, Fault, object])[] = [
    ['a failing provider', { kind: 'status', status: 500 }, { code: 'tool_error', verdict: 'fault' }],
    [
      'a busy one',
      { kind: 'status', status: 429, retryAfter: '7' },
      { code: 'rate_limited', details: { retryAfter: 7 } },
    ],
    ['an overloaded one', { kind: 'status', status: 503 }, { code: 'overloaded', verdict: 'fault' }],
    [
      'a refusal',
      { kind: 'status', status: 400, message: 'too long' },
      { message: expect.stringContaining('too long') },
    ],
    ['a redirect', { kind: 'redirect', to: 'http://127.0.0.1:1/' }, { message: expect.stringContaining('redirect') }],
    ['a web page', { kind: 'html' }, { message: expect.stringContaining('baseUrl') }],
    ['a part that is not JSON', { kind: 'malformed' }, { verdict: 'fault' }],
    ['an answer that ends early', { kind: 'cut' }, { verdict: 'fault' }],
    ['a broken connection', { kind: 'reset' }, { verdict: 'fault' }],
    ['a failure after it began', { kind: 'error-part', message: 'boom' }, { verdict: 'fault' }],
    ['a line without an end', { kind: 'huge-line', bytes: 200_000 }, { verdict: 'fault' }],
    ['silence', { kind: 'hang' }, { code: 'timeout', verdict: 'fault' }],
    ['a drip', { kind: 'drip', everyMs: 20 }, { code: 'timeout', verdict: 'fault' }],
  ];
  describe.each(ways)('%s', (_, way) => {
    it.each(broken)('[N5] fails on %s with an error that says what happened', async (_name, fault, expected) => {
      server.answer({ pieces: ['a', 'b', 'c', 'd', 'e', 'f'], fault });
      const test = on({ timeoutMs: 400 }, { section: { maxLineBytes: 100_000, maxResponseBytes: 150_000 } });
      const error = await test.service.chat(request(way), spender()).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(LlmProviderError);
      expect(error).toMatchObject({ provider: 'it', ...expected });
    });
  });

  it.each(ways)('[N5] tries again after the time that a busy provider names, %s', async (_, way) => {
    server.answer({ fault: { kind: 'status', status: 429, retryAfter: '0' } });
    expect(await on({ retries: 1 }).service.chat(request(way), spender())).toMatchObject({ text: 'Hello there.' });
    expect(server.received).toHaveLength(2);
  });

  it('[N5] does not wait longer than it has time', async () => {
    server.answer({ fault: { kind: 'status', status: 429, retryAfter: '60' } });
    await expect(
      on({ retries: 3 }, { section: { timeoutMs: 5000 } }).service.chat(request(), spender()),
    ).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfter: 60 } });
    expect(server.received).toHaveLength(1);
  });

  it.each([
    ['before it answers', { kind: 'hang' }],
    ['while it answers', { kind: 'drip', everyMs: 5 }],
  ] as const)('[N5] closes the connection when the caller goes away %s, and counts what was used', async (_, fault) => {
    const telemetry = new InMemoryTelemetry();
    server.answer({ pieces: ['a', 'b', 'c', 'd'], fault });
    const gone = new AbortController();
    const waiting = on({}, { telemetry }).service.chat(
      request({ signal: gone.signal, onText: () => undefined }),
      spender(),
    );
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    gone.abort();

    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(await server.received[0]!.closed).toEqual({ early: true });
    const tokens = telemetry.samples().filter(({ name }) => name === 'rookery_llm_tokens_total');
    expect(tokens.find(({ labels }) => labels['direction'] === 'input')?.value).toBeGreaterThan(0);
  });

  it('[N5] leaves a provider alone that keeps failing, and not one that refuses', async () => {
    const telemetry = new InMemoryTelemetry();
    const circuitBreaker = circuitBreakerOptions.parse({ failureThreshold: 2 });
    const breakers = new CircuitBreakers({ circuitBreaker } as ResilienceOptions, telemetry);
    const { service } = on({}, { telemetry, breakers });
    const ask = (): Promise<unknown> => service.chat(request(), spender());
    const bad = { fault: { kind: 'status', status: 400 } } as const;
    server.answer(bad, bad, bad);
    for (let i = 0; i < 3; i++) await expect(ask()).rejects.toMatchObject({ code: 'tool_error' });
    const fault = { fault: { kind: 'status', status: 500 } } as const;
    server.answer(fault, fault);
    for (let i = 0; i < 2; i++) await expect(ask()).rejects.toMatchObject({ status: 500 });

    await expect(ask()).rejects.toMatchObject({ code: 'breaker_open', details: { breaker: 'llm:it' } });
    expect(server.received).toHaveLength(5);
    expect(breakers.status()).toMatchObject([{ name: 'llm:it', state: 'open' }]);
  });

  it('[N5] leaves a provider alone that failed in another process, and lets one of them try it again', async () => {
    const telemetry = new InMemoryTelemetry();
    const circuitBreaker = circuitBreakerOptions.parse({ failureThreshold: 1, timeoutSeconds: 0.001 });
    let now = 0;
    const shared = new InMemorySharedBreakers(() => now);
    const [one, other] = [1, 2].map(() => {
      const breakers = new CircuitBreakers({ circuitBreaker } as ResilienceOptions, telemetry, shared);
      return { breakers, ...on({}, { telemetry, breakers }) };
    }) as [TestService & { breakers: CircuitBreakers }, TestService & { breakers: CircuitBreakers }];
    server.answer({ fault: { kind: 'status', status: 500 } });
    await expect(one.service.chat(request(), spender())).rejects.toMatchObject({ status: 500 });
    await vi.waitFor(() => expect(other.breakers.status()).toMatchObject([{ name: 'llm:it', state: 'open' }]));
    const breaker = other.breakers.get('llm:it');
    await vi.waitFor(() => expect(breaker.retryAfterMs).toBe(0));
    // By the clock of what they share it is not time yet.
    const early = other.service.chat(request(), spender());
    await expect(early).rejects.toMatchObject({ code: 'breaker_open' });
    expect(server.received).toHaveLength(1);
    now += 1;
    await other.service.chat(request(), spender());
    await vi.waitFor(() => expect(one.breakers.get('llm:it').state).toBe('closed'));
  });

  it('[N5] goes on asking where there are no breakers', async () => {
    const telemetry = new InMemoryTelemetry();
    const circuitBreaker = circuitBreakerOptions.parse({ enabled: false, failureThreshold: 2 });
    const breakers = new CircuitBreakers({ circuitBreaker } as ResilienceOptions, telemetry);
    const { service } = on({}, { telemetry, breakers });
    const fault = { fault: { kind: 'status', status: 500 } } as const;
    server.answer(fault, fault, fault);
    for (let i = 0; i < 3; i++) await expect(service.chat(request(), spender())).rejects.toMatchObject({ status: 500 });
    await service.chat(request(), spender());
    expect(server.received).toHaveLength(4);
  });

  it('[N5] sends every request through the fetch that it is given', async () => {
    const urls: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      urls.push(String(input instanceof Request ? input.url : input));
      return globalThis.fetch(input, init);
    };
    const test = on({}, { fetch });
    await test.service.chat(request(), spender());
    expect(await test.providers.get('it').models(new AbortController().signal)).toEqual(['llama3.2:3b', 'nomic-embed']);
    await test.providers.get('it').check(new AbortController().signal);

    expect(urls).toHaveLength(3);
    expect(urls.every((url) => url.startsWith(server.origin))).toBe(true);
  });

  it('[N5] says that it cannot be reached, and where its address is configured', async () => {
    const gone = await startLlmServer(wire);
    await gone.stop();
    const asked = on({ baseUrl: gone.origin + base }).service.chat(request(), spender());
    await expect(asked).rejects.toThrow(/cannot be reached \(ECONNREFUSED\).*nodes\.ai\.providers\.it\.baseUrl/);
  });

  it('[N5] makes vectors in the order of the texts, or says that it makes none', async () => {
    const asked = on().service.embed(
      { model: 'it:nomic-embed', texts: ['a', 'four'], signal: new AbortController().signal },
      spender(),
    );
    if (wire.type === 'anthropic') await expect(asked).rejects.toThrow('makes no embeddings');
    else {
      expect(await asked).toMatchObject({
        vectors: [
          [1, 0.5],
          [4, 0.5],
        ],
        usage: { inputTokens: 2, outputTokens: 0 },
      });
    }
  });
});

describe('the temperature', () => {
  it.each([
    { wire: ollamaWire, base: '', entry: {}, where: { options: { temperature: 0.3 } } },
    { wire: openAiWire, base: '/v1', entry: {}, where: { temperature: 0.3 } },
    { wire: anthropicWire, base: '', entry: { apiVersion: '2023-06-01' }, where: { temperature: 0.3 } },
  ])('[N5] reaches $wire.type where it reads it', async ({ wire, base, entry, where }) => {
    const server = await startLlmServer(wire);
    try {
      const { service } = serviceOn({ it: { type: wire.type, baseUrl: server.origin + base, ...entry } });
      const messages = [{ role: 'user' as const, content: 'Hi' }];
      const signal = new AbortController().signal;
      await service.chat({ model: 'it:llama3.2:3b', messages, temperature: 0.3, signal }, spender());
      expect(server.received[0]?.body).toMatchObject(where);
    } finally {
      await server.stop();
    }
  });

  it('[N5] is refused for an API that takes none, rather than left out', async () => {
    const { service } = serviceOn({ claude: { type: 'anthropic', baseUrl: 'http://127.0.0.1:1' } });
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const asked = service.chat(
      { model: 'claude:any', messages, temperature: 0.3, signal: new AbortController().signal },
      spender(),
    );
    await expect(asked).rejects.toThrow('nodes.ai.providers.claude.apiVersion');
  });
});
