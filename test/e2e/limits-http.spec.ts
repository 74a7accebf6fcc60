import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { McpPrompt, McpResource, McpTool, RookeryError, type Call } from '../../src/index.js';
import { ResilienceModule } from '../../src/resilience/index.js';
import { createTestServer, type TestEra } from '../../src/testing/index.js';
import { ENVELOPE, LEGACY_HEADERS, legacyMessage, modernHeaders, modernMessage } from './support/envelope.js';
import { eventsOf, messageOf, openSession, type RawMessage } from './support/http-messages.js';

/** One of each kind that is called. */
class Targets {
  @McpTool({ description: 'Greets.' })
  greet(): string {
    return 'Hello!';
  }

  @McpTool({ description: 'Says how far it is, then meets the limit of somebody else.' })
  late(_input: unknown, call: Call): never {
    call.progress(1, 2, 'on the way');
    throw new RookeryError('rate_limited', 'The other server takes no more. Try again in 7 seconds.', {
      retryAfter: 7,
    });
  }

  @McpResource({ description: 'A note.', uri: 'note://one' })
  note(): string {
    return 'noted';
  }

  @McpPrompt({ description: 'Asks.', argsSchema: z.object({ city: z.string() }), complete: { city: () => ['Bern'] } })
  ask({ city }: { city: string }): string {
    return `What of ${city}?`;
  }
}

const ERAS: readonly TestEra[] = ['2026-07-28', '2025-11-25'];
/** What is called, how, and which header of 2026-07-28 names it. */
const METHODS = [
  ['tools/call', { name: 'greet', arguments: {} }, 'greet'],
  ['resources/read', { uri: 'note://one' }, 'note://one'],
  ['prompts/get', { name: 'ask', arguments: { city: 'Bern' } }, 'ask'],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'ask' }, argument: { name: 'city', value: '' } }],
] as const;

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** A server with limits; how to make a call to it. */
async function serve(
  era: TestEra,
  rateLimit: object,
  adapter: 'native' | 'sdk' = 'native',
): Promise<(method: string, params: object, name?: string, meta?: object) => Promise<Response>> {
  const { url, close } = await createTestServer({
    imports: [ResilienceModule.forRoot({ rateLimit })],
    providers: [Targets],
    transport: 'http',
    era,
    server: { adapter },
  });
  endings.push(close);
  const session = era === '2025-11-25' ? { 'mcp-session-id': await openSession(url) } : {};
  return (method, params, name, meta = {}) => {
    const [headers, message] =
      era === '2025-11-25'
        ? [{ ...LEGACY_HEADERS, ...session }, legacyMessage(method, { ...params, _meta: meta })]
        : [
            modernHeaders(method, name),
            { ...modernMessage(method), params: { ...params, _meta: { ...ENVELOPE, ...meta } } },
          ];
    return fetch(url, { method: 'POST', headers, body: JSON.stringify(message) });
  };
}

/** The last message of an answer, which is the result, whether it came as one body or at the end of a stream. */
async function answerOf(response: Response): Promise<RawMessage> {
  if (response.headers.get('content-type')?.includes('json') === true) return await messageOf(response);
  let last: RawMessage = {};
  for await (const { message } of eventsOf(response)) last = message ?? last;
  return last;
}

/** What an answer over HTTP says of waiting. */
const headersOf = ({ headers }: Response): Readonly<Record<string, string | null>> => ({
  retryAfter: headers.get('retry-after'),
  rateLimit: headers.get('ratelimit'),
  policy: headers.get('ratelimit-policy'),
});
const NO_HEADERS = { retryAfter: null, rateLimit: null, policy: null };

describe.each(ERAS)('a limit over HTTP, %s', (era) => {
  it.each(METHODS)('[R4] refuses %s with the seconds to wait, in the answer and its headers', async (...each) => {
    const [method, params, name] = each;
    const ask = await serve(era, { requestsPerMinute: 1 });
    const allowed = await ask(method, params, name);
    expect(headersOf(allowed)).toEqual(NO_HEADERS);
    const { result } = await messageOf(allowed);
    expect(result).toBeDefined();
    expect(result?.['isError']).not.toBe(true);

    const refused = await ask(method, params, name);
    expect(refused.status).toBe(200);
    const { retryAfter, rateLimit, policy } = headersOf(refused);
    const seconds = Number(retryAfter);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect([rateLimit, policy]).toEqual([`"principal";r=0;t=${seconds}`, '"principal";q=1;w=60']);
    const answer = await messageOf(refused);
    if (method === 'tools/call') {
      expect(answer.result).toMatchObject({
        isError: true,
        _meta: { 'rookery/code': 'rate_limited', retry_after: seconds },
      });
    } else {
      expect(answer.error?.data).toMatchObject({ code: 'rate_limited', retry_after: seconds });
      const code = answer.error?.code ?? -32_000;
      expect(code < -32_000 || code > -31_999 ? 'outside' : 'inside').toBe('outside');
    }
  });

  it('[R4] is said in the answer alone where that streams already', async () => {
    const ask = await serve(era, {});
    const response = await ask('tools/call', { name: 'late', arguments: {} }, 'late', { progressToken: 'p' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(headersOf(response)).toEqual(NO_HEADERS);
    const { result } = await answerOf(response);
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'rate_limited', retry_after: 7 } });
  });
});

describe('a limit over HTTP, by the adapter sdk', () => {
  it.each(METHODS)('[R4] refuses %s with the seconds to wait in the answer, which streams', async (...each) => {
    const [method, params] = each;
    const ask = await serve('2025-11-25', { requestsPerMinute: 1 }, 'sdk');
    expect((await answerOf(await ask(method, params))).result).toBeDefined();
    const refused = await ask(method, params);
    expect(headersOf(refused)).toEqual(NO_HEADERS);
    const { result, error } = await answerOf(refused);
    const said = method === 'tools/call' ? result?.['_meta'] : error?.data;
    expect(said).toMatchObject({ retry_after: expect.any(Number) as number });
  });
});
