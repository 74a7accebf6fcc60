import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryTransport, type StandaloneServer } from '../../src/index.js';
import { messageOf, openSession, post, postModern, type RawMessage } from './support/http-messages.js';
import { KEYS, serveGuarded } from './support/guarded.js';

let server: StandaloneServer & { readonly url: string };
beforeAll(async () => {
  server = await serveGuarded();
});
afterAll(() => server.stop());

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

async function asked(method: string, params: Record<string, unknown>, headers = {}): Promise<RawMessage> {
  return messageOf(await postModern(server.url, method, params, { headers }));
}

/** What everybody needs a credential for, with the arguments that would succeed. */
const REQUESTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['server/discover', {}],
  ['tools/list', {}],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['prompts/list', {}],
  ['tools/call', { name: 'whoami', arguments: {} }],
  ['tools/call', { name: 'there_is_no_such_tool', arguments: {} }],
  ['resources/read', { uri: 'vault://gold' }],
  ['prompts/get', { name: 'decree' }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'decree' }, argument: { name: 'a', value: '' } }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'plan' }, argument: { name: 'a', value: '' } }],
  ['subscriptions/listen', { notifications: { resourceSubscriptions: ['vault://gold'] } }],
  ['tasks/get', { taskId: 'any' }],
  ['no/such/method', {}],
];

describe('somebody without a credential', () => {
  it.each(REQUESTS)('[A5] is not told anything: %s', async (method, params) => {
    const response = await postModern(server.url, method, params);
    expect(response.status).toBe(401);
    expect(await messageOf(response)).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: 401, message: 'Authentication is required.', data: { code: 'unauthenticated' } },
    });
  });

  it.each(['initialize', 'ping', 'tools/list'])('[A5] gets no session of the 2025 era by %s', async (method) => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const response = await post(server.url, { jsonrpc: '2.0', id: 1, method, params });
    expect(response.status).toBe(401);
    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="mcp"');
  });

  it.each(['GET', 'DELETE'])('[A5] cannot %s', async (method) => {
    const headers = { accept: 'text/event-stream', 'mcp-session-id': 'any' };
    expect((await fetch(server.url, { method, headers })).status).toBe(401);
  });

  it('[A5] may call what is marked public', async () => {
    const { result } = await asked('tools/call', { name: 'greet', arguments: {} });
    expect(result?.['content']).toEqual([{ type: 'text', text: 'hello' }]);
  });

  it.each([
    ['in the query', `?access_token=${KEYS.admin}&api_key=${KEYS.admin}`, {}],
    ['in the arguments', '', { api_key: KEYS.admin, authorization: `Bearer ${KEYS.admin}` }],
  ])('[A5] is nobody with a credential %s', async (_where, query, args) => {
    const call = { name: 'whoami', arguments: args };
    expect((await postModern(`${server.url}${query}`, 'tools/call', call)).status).toBe(401);
  });
});

describe('somebody with a key', () => {
  it.each([
    ['as a bearer', bearer(KEYS.viewer)],
    ['in X-API-Key', { 'x-api-key': KEYS.viewer }],
  ])('[A1] is known %s', async (_how, headers) => {
    const { result } = await asked('tools/call', { name: 'whoami', arguments: {} }, headers);
    expect(result?.['structuredContent'] ?? JSON.parse(textOf(result))).toEqual({ id: 'viewer', roles: ['viewer'] });
  });

  it('[A1] is refused with two of them', async () => {
    const headers = { ...bearer(KEYS.viewer), 'x-api-key': KEYS.admin };
    expect((await postModern(server.url, 'tools/list', {}, { headers })).status).toBe(400);
  });

  it('[A6] sees what it may call and nothing else, and the rest answers like what does not exist', async () => {
    const listed = async (key: string, method: string, member: string): Promise<readonly string[]> => {
      const { result } = await asked(method, {}, bearer(key));
      return ((result?.[member] ?? []) as { readonly name: string }[]).map(({ name }) => name);
    };
    expect(await listed(KEYS.viewer, 'tools/list', 'tools')).toEqual(['greet', 'publish', 'whoami']);
    expect(await listed(KEYS.admin, 'tools/list', 'tools')).toEqual(['greet', 'publish', 'shut_down', 'whoami']);
    expect(await listed(KEYS.viewer, 'resources/list', 'resources')).toEqual([]);
    expect(await listed(KEYS.admin, 'resources/list', 'resources')).toEqual(['gold']);
    expect(await listed(KEYS.viewer, 'prompts/list', 'prompts')).toEqual(['plan']);
    expect(await listed(KEYS.admin, 'prompts/list', 'prompts')).toEqual(['decree', 'plan']);
  });

  it.each([
    ['tools/call', { name: 'shut_down', arguments: {} }, { name: 'shut_dowm', arguments: {} }],
    ['resources/read', { uri: 'vault://gold' }, { uri: 'vault://geld' }],
    ['prompts/get', { name: 'decree' }, { name: 'decrea' }],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'decree' }, argument: { name: 'a', value: '' } },
      { ref: { type: 'ref/prompt', name: 'decrea' }, argument: { name: 'a', value: '' } },
    ],
    [
      'subscriptions/listen',
      { notifications: { resourceSubscriptions: ['vault://gold'] } },
      { notifications: { resourceSubscriptions: ['vault://geld'] } },
    ],
  ])('[A6] cannot tell what is hidden by %s from what does not exist', async (method, hidden, missing) => {
    const answer = async (params: Record<string, unknown>): Promise<string> => {
      const response = await postModern(server.url, method, params, { headers: bearer(KEYS.viewer) });
      const text = (await response.text()).replaceAll(/shut_dow[mn]|g[oe]ld|decre[ea]/g, 'NAME');
      return `${response.status} ${text}`;
    };
    expect(await answer(hidden)).toBe(await answer(missing));
  });

  it('[A10] has its session for itself', async () => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const opened = await post(server.url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, bearer(KEYS.viewer));
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const own = await post(server.url, ping, { ...session, ...bearer(KEYS.viewer) });
    const other = await post(server.url, ping, { ...session, ...bearer(KEYS.admin) });
    const unknown = await post(server.url, ping, { 'mcp-session-id': 'none', ...bearer(KEYS.admin) });
    expect([own.status, other.status, unknown.status]).toEqual([200, 404, 404]);
    expect(await other.text()).toBe(await unknown.text());
    const nobody = await post(server.url, ping, session);
    expect(nobody.status).toBe(401);
  });

  it('[A3] is not limited by scopes, which keys do not have', async () => {
    const { result } = await asked('tools/call', { name: 'publish', arguments: {} }, bearer(KEYS.viewer));
    expect(textOf(result)).toBe('published');
  });

  it('[A5] is asked the same in memory, where nobody is anybody', async () => {
    const transport = server.app.get(InMemoryTransport).connect();
    await transport.start();
    const answer = new Promise<RawMessage>((resolve) => Object.assign(transport, { onmessage: resolve }));
    await transport.send({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META } });
    expect((await answer).error?.data).toEqual({ code: 'unauthenticated' });
    await transport.close();
  });
});

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

function textOf(result: RawMessage['result']): string {
  return ((result?.['content'] ?? []) as { readonly text: string }[])[0]?.text ?? '';
}

it('[A5] a server without credentials lets sessions of the 2025 era begin, as before', async () => {
  const open = await serveGuarded({ apiKeys: {} });
  try {
    expect(await openSession(open.url)).not.toBe('');
  } finally {
    await open.stop();
  }
});

it('[A1] an address that keeps guessing has to wait, whatever it sends next, but for who was known before', async () => {
  const limited = await serveGuarded({ attempts: { maxPerMinute: 3 } });
  try {
    const attempt = (key: string): Promise<Response> =>
      postModern(limited.url, 'tools/list', {}, { headers: bearer(key) });
    // Known before the guessing began: a valid credential that is remembered is not held up.
    expect((await attempt(KEYS.viewer)).status).toBe(200);
    for (let guess = 0; guess < 3; guess++) expect((await attempt(`rk_guess_${guess}`)).status).toBe(401);
    const held = await attempt('rk_guess_3');
    expect(held.status).toBe(429);
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await attempt(KEYS.admin)).status).toBe(429);
    expect((await attempt(KEYS.viewer)).status).toBe(200);
  } finally {
    await limited.stop();
  }
});
