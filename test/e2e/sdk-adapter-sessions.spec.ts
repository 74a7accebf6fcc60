import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { eventsOf, nextMessage, openSession, post, type RawMessage } from './support/http-messages.js';

const PING = { jsonrpc: '2.0', id: 7, method: 'ping' };
const SERVER = { imports: [FixturesModule], transport: 'http', era: '2025-11-25' } as const;
const inSession = (id: string): Record<string, string> => ({
  'mcp-session-id': id,
  'mcp-protocol-version': '2025-11-25',
});
const call = (id: number, name: string, more: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {}, ...more },
});
const answerOf = (response: Response): Promise<RawMessage> => nextMessage(eventsOf(response));

describe('[protocol L2] sessions on the wire of the SDK', () => {
  let server: TestServer;
  let url: string;

  beforeAll(async () => {
    server = await createTestServer({ ...SERVER, server: { adapter: 'sdk' } });
    ({ url } = server);
  });
  afterAll(() => server.close());

  const stream = (id: string, lastEventId?: string): Promise<Response> => {
    const resumed = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return fetch(url, { headers: { accept: 'text/event-stream', ...inSession(id), ...resumed } });
  };

  it('answer requests that name them, and refuse those that name none or another', async () => {
    const id = await openSession(url);
    expect(id).toMatch(/^[\x21-\x7e]{32,}$/);
    await expect(post(url, PING, inSession(id)).then(answerOf)).resolves.toMatchObject({ id: 7, result: {} });
    expect((await post(url, PING)).status).toBe(400);
    expect((await post(url, PING, inSession('nobody'))).status).toBe(404);
  });

  it('end with DELETE', async () => {
    const id = await openSession(url);
    expect((await fetch(url, { method: 'DELETE', headers: inSession(id) })).status).toBe(200);
    expect((await post(url, PING, inSession(id))).status).toBe(404);
  });

  it('cancel what is under way when they end', async () => {
    const id = await openSession(url);
    const held = await post(url, call(1, 'slow_compute', { arguments: { seconds: 60 } }), inSession(id));
    await fetch(url, { method: 'DELETE', headers: inSession(id) });
    expect(await held.text()).not.toContain('result');
  });

  it('tell of changed lists and subscribed resources on their GET stream, and of nothing else', async () => {
    const id = await openSession(url);
    const events = eventsOf(await stream(id));
    const uri = 'test://watched-resource';
    const subscribe = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri } };
    await post(url, subscribe, inSession(id)).then(answerOf);
    server.server.notifyResourceUpdated('test://static-text');
    server.server.notifyResourceUpdated(uri);
    await expect(nextMessage(events)).resolves.toMatchObject({
      method: 'notifications/resources/updated',
      params: { uri },
    });
    await server.server.registerTool({ name: 'new_one', description: 'New.' }, () => 'new');
    await expect(nextMessage(events)).resolves.toMatchObject({ method: 'notifications/tools/list_changed' });
    server.server.removeTool('new_one');
    await events.return(undefined);
  });

  it('[protocol L3] let a client come back for an answer it did not wait for', async () => {
    const id = await openSession(url);
    const first = await eventsOf(await post(url, call(5, 'test_reconnection'), inSession(id))).next();
    const lastEventId = (first.value as { id: string }).id;
    const answer = await answerOf(await stream(id, lastEventId));
    expect(answer).toMatchObject({ id: 5, result: { content: [{ text: 'Reconnection completed.' }] } });
  });

  it('[protocol L3] send again what a client missed, once and in order', async () => {
    const id = await openSession(url);
    const progress = call(6, 'test_tool_with_progress', { _meta: { progressToken: 'p' } });
    let seen: string | undefined;
    for await (const event of eventsOf(await post(url, progress, inSession(id)))) {
      seen = event.id;
      if (event.message?.params?.['progress'] === 0) break;
    }
    const rest: unknown[] = [];
    for await (const { message } of eventsOf(await stream(id, seen))) {
      if (message !== undefined) rest.push(message.params?.['progress'] ?? message.id);
      // A stream that a client came back to after the answer is left open by the SDK.
      if (message?.id === 6) break;
    }
    expect(rest).toEqual([50, 100, 6]);
  });

  it.each(['99.1', 'nonsense', `${'x'.repeat(100)}.1`])(
    'refuse the event id %s, which is not theirs',
    async (event) => {
      expect((await stream(await openSession(url), event)).status).toBe(400);
    },
  );

  it('do not resume what was sent in another session', async () => {
    const first = await eventsOf(await post(url, PING, inSession(await openSession(url)))).next();
    const other = await openSession(url);
    expect((await stream(other, (first.value as { id: string }).id)).status).toBe(400);
  });

  it('[protocol L5] send log messages from the level on that the client set', async () => {
    const id = await openSession(url);
    const setLevel = { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'error' } };
    await post(url, setLevel, inSession(id)).then(answerOf);
    const answer = await post(url, call(2, 'test_tool_with_logging'), inSession(id)).then(answerOf);
    expect(answer).toMatchObject({ id: 2, result: { content: [{ text: 'Logging completed.' }] } });
  });
});

describe('[protocol L2] a server on the wire of the SDK with few sessions', () => {
  const few = (maxSessions: number): Promise<TestServer> =>
    createTestServer({ ...SERVER, server: { adapter: 'sdk', maxSessions, sessionIdleMs: 3000 } });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params };

  it('refuses more than it allows, and lets idle ones go', async () => {
    const server = await few(2);
    await server.client.close();
    const first = await openSession(server.url);
    await openSession(server.url);
    const refused = await post(server.url, initialize);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    await expect.poll(() => openSession(server.url), { timeout: 15_000, interval: 200 }).not.toBe('');
    expect((await post(server.url, PING, inSession(first))).status).toBe(404);
    await server.close();
  });

  it('has no session of an initialize that was refused', async () => {
    const server = await few(2);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect((await post(server.url, { ...initialize, params: {} })).status).toBe(400);
    }
    expect(await openSession(server.url)).not.toBe('');
    await server.close();
  });
});
