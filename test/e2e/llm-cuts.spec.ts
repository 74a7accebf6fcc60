import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../src/nodes/ai/index.js';
import { Chance } from '../chaos/support/chance.js';
import { anthropicWire } from '../support/llm/anthropic-wire.js';
import { cuttingFetch, type Cuts } from '../support/llm/cut-body.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { openAiWire } from '../support/llm/openai-wire.js';
import type { Script } from '../support/llm/script.js';
import { serviceOn, spender } from '../support/llm/service.js';

const SEEDS = 40;
const ASKED = 'Wetter in Zürich? 🏔️';

/** Characters of two, three and four bytes, of several code points, and what ends lines elsewhere. */
const TOLD = {
  pieces: ['Grüße', ' – 七', '🦜', '👩‍👩‍👧', ' \u2028\u0085 line\nend\r\n', 'data: {"x":1}\n\n', '\uFEFF.'],
  toolCalls: [{ name: 'weather', input: { city: 'Zürich 🏔️', note: 'a\nb' } }],
} satisfies Script;

const nowhere: Cuts = () => [];
const everywhere: Cuts = (bytes) => Array.from({ length: bytes - 1 }, (_, index) => index + 1);

/** A few bytes apart. */
function somewhere(seed: number): Cuts {
  const chance = new Chance(seed);
  return (bytes) => {
    const cuts: number[] = [];
    for (let at = 1 + chance.below(40); at < bytes; at += 1 + chance.below(40)) cuts.push(at);
    return cuts;
  };
}

describe.each([
  { wire: ollamaWire, base: '' },
  { wire: openAiWire, base: '/v1' },
  { wire: anthropicWire, base: '' },
])('an answer of $wire.type', ({ wire, base }) => {
  let server: LlmServer;
  beforeAll(async () => {
    server = await startLlmServer(wire);
  });
  afterAll(() => server.stop());

  const ask = async (
    streamed: boolean,
    cuts: Cuts,
    crlf = false,
  ): Promise<{ answer: ChatAnswer; deltas: string[] }> => {
    const { service } = serviceOn(
      { it: { type: wire.type, baseUrl: server.origin + base } },
      { fetch: cuttingFetch(cuts) },
    );
    server.answer({ ...TOLD, crlf });
    const deltas: string[] = [];
    const answer = await service.chat(
      {
        model: 'it:llama3.2:3b',
        messages: [{ role: 'user', content: ASKED }],
        tools: [{ name: 'weather', description: 'The weather', inputSchema: { type: 'object' } }],
        signal: new AbortController().signal,
        ...(streamed && { onText: (delta: string) => void deltas.push(delta) }),
      },
      spender(),
    );
    return { answer, deltas };
  };

  describe.each([
    ['streamed', true],
    ['at once', false],
  ] as const)('%s', (_, streamed) => {
    it('[N5] says what the model said, whatever characters are in it', async () => {
      const { answer, deltas } = await ask(streamed, nowhere);
      expect(answer.text).toBe(TOLD.pieces.join(''));
      expect(answer.toolCalls.map(({ input }) => input)).toEqual(TOLD.toolCalls.map(({ input }) => input));
      expect(deltas).toEqual(streamed ? TOLD.pieces : []);
      expect(server.received.at(-1)?.body).toMatchObject({ messages: [{ content: ASKED }] });
    });

    it.each([false, true])('[N5] is the same when each of its bytes comes by itself, with CRLF: %s', async (crlf) => {
      expect(await ask(streamed, everywhere, crlf)).toEqual(await ask(streamed, nowhere));
    });

    it(`[N5] is the same wherever it is cut, ${SEEDS} times`, { timeout: 60_000 }, async () => {
      const uncut = await ask(streamed, nowhere);
      for (let seed = 1; seed <= SEEDS; seed++) {
        const cut = await ask(streamed, somewhere(seed), seed % 2 === 0);
        expect({ seed, ...cut }).toEqual({ seed, ...uncut });
      }
    });
  });
});
