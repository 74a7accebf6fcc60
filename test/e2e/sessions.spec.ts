import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerStatus } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { Gates } from './support/gates.js';
import { eventsOf, messageOf, nextMessage, openSession, post, type RawMessage } from './support/http-messages.js';
import { RunningTools } from './support/running.tools.js';

const PING = { jsonrpc: '2.0', id: 7, method: 'ping' };

describe('[protocol L2] sessions of the 2025 era', () => {
  let server: TestServer;
  let url: string;

  beforeAll(async () => {
    server = await createTestServer({
      imports: [FixturesModule],
      providers: [Gates, RunningTools],
      transport: 'http',
    });
    ({ url } = server);
  });

  afterAll(() => server.close());

  const inSession = (id: string): Record<string, string> => ({ 'mcp-session-id': id });

  it('begin with initialize and have an unguessable id of visible ASCII', async () => {
    const ids = await Promise.all([openSession(url), openSession(url)]);
    expect(ids[0]).toMatch(/^[\x21-\x7e]{32,}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it('answer requests that name them, and refuse those that name none or another', async () => {
    const id = await openSession(url);
    await expect(post(url, PING, inSession(id)).then(messageOf)).resolves.toMatchObject({ id: 7, result: {} });
    expect((await post(url, PING)).status).toBe(400);
    expect((await post(url, PING, inSession('nobody'))).status).toBe(404);
  });

  it('end with DELETE', async () => {
    const id = await openSession(url);
    expect((await fetch(url, { method: 'DELETE', headers: inSession(id) })).status).toBe(204);
    expect((await post(url, PING, inSession(id))).status).toBe(404);
    expect((await fetch(url, { method: 'DELETE', headers: inSession(id) })).status).toBe(404);
  });

  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])('speak %s when asked for it', async (version) => {
    const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
    const { result } = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }).then(messageOf);
    expect(result).toMatchObject({ protocolVersion: version, capabilities: { logging: {}, tools: {} } });
  });

  it('offer the newest version to a client that asks for an unknown one', async () => {
    const params = { protocolVersion: '1999-01-01', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
    const { result } = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }).then(messageOf);
    expect(result).toMatchObject({ protocolVersion: '2025-11-25' });
  });

  it('tell of changed lists and subscribed resources on their GET stream, and of nothing else', async () => {
    const id = await openSession(url);
    const stream = await fetch(url, { headers: { accept: 'text/event-stream', ...inSession(id) } });
    const events = eventsOf(stream);
    const uri = 'test://watched-resource';
    await post(url, { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri } }, inSession(id));
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
    const call = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'test_reconnection', arguments: {} } };
    const first = await eventsOf(await post(url, call, inSession(id))).next();
    const lastEventId = (first.value as { id: string }).id;
    const headers = { accept: 'text/event-stream', 'last-event-id': lastEventId, ...inSession(id) };
    const answer = await nextMessage(eventsOf(await fetch(url, { headers })));
    expect(answer).toMatchObject({ id: 5, result: { content: [{ text: 'Reconnection completed.' }] } });
  });

  it('[protocol L3] send again what a client missed, once and in order', async () => {
    const id = await openSession(url);
    const params = { name: 'test_tool_with_progress', arguments: {}, _meta: { progressToken: 'p' } };
    const events = eventsOf(await post(url, { jsonrpc: '2.0', id: 6, method: 'tools/call', params }, inSession(id)));
    let seen: string | undefined;
    for await (const event of events) {
      seen = event.id;
      if (event.message?.params?.['progress'] === 0) break;
    }
    const headers = { accept: 'text/event-stream', 'last-event-id': seen ?? '', ...inSession(id) };
    const rest: RawMessage[] = [];
    for await (const { message } of eventsOf(await fetch(url, { headers })))
      if (message !== undefined) rest.push(message);
    expect(rest.map(({ params: sent, id: answered }) => sent?.['progress'] ?? answered)).toEqual([50, 100, 6]);
  });

  it('refuse an event id that is not theirs', async () => {
    const id = await openSession(url);
    const headers = { accept: 'text/event-stream', 'last-event-id': '99.1', ...inSession(id) };
    expect((await fetch(url, { headers })).status).toBe(400);
  });

  it('[protocol L4] go on with a call whose client disconnected', async () => {
    const id = await openSession(url);
    const ask = (request: number, name: string, args: object, signal?: AbortSignal): Promise<Response> => {
      const body = { jsonrpc: '2.0', id: request, method: 'tools/call', params: { name, arguments: args } };
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      const init = { method: 'POST', headers: { ...headers, ...inSession(id) }, body: JSON.stringify(body) };
      return fetch(url, { ...init, ...(signal !== undefined && { signal }) });
    };
    const leaving = new AbortController();
    const held = ask(9, 'hold', { key: 'left' }, leaving.signal);
    await ask(10, 'await_moment', { key: 'left', moment: 'begun' });
    leaving.abort();
    await expect(held).rejects.toThrow('aborted');
    await expect.poll(() => server.app.get(ServerStatus).connections).toBe(0);
    await ask(11, 'release', { key: 'left' });
    await ask(12, 'await_moment', { key: 'left', moment: 'ended' });
    const { result } = await messageOf(await ask(13, 'was_aborted', { key: 'left' }));
    expect(result).toMatchObject({ content: [{ text: 'false' }] });
  });

  it('[protocol L4] stop a call that its client cancelled', async () => {
    const id = await openSession(url);
    const params = { name: 'count', arguments: { key: 'never', to: 1 }, _meta: { progressToken: 8 } };
    const call = post(url, { jsonrpc: '2.0', id: 8, method: 'tools/call', params }, inSession(id));
    const events = eventsOf(await call);
    await nextMessage(events);
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 8 } };
    expect((await post(url, cancelled, inSession(id))).status).toBe(202);
    const rest: RawMessage[] = [];
    for await (const { message } of events) if (message !== undefined) rest.push(message);
    expect(rest.some((message) => message.id === 8)).toBe(false);
  });

  it('[protocol L5] send log messages from the level on that the client set', async () => {
    const id = await openSession(url);
    const params = { level: 'error' };
    await post(url, { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params }, inSession(id));
    const call = {
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'test_tool_with_logging', arguments: {} },
    };
    const answer = await post(url, call, inSession(id));
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  it('[protocol L7] answer a batch of 2025-03-26 together, and refuse batches of other versions', async () => {
    const batch = [
      { ...PING, id: 1 },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { ...PING, id: 2 },
    ];
    const old = await post(url, batch, inSession(await openSession(url, '2025-03-26')));
    expect(((await old.json()) as RawMessage[]).map(({ id }) => id)).toEqual([1, 2]);
    expect((await post(url, batch, inSession(await openSession(url)))).status).toBe(400);
  });
});

describe('[protocol L2] a server with few sessions', () => {
  it('refuses more than it allows, and lets idle ones go', async () => {
    const server = await createTestServer({ transport: 'http', server: { maxSessions: 2, sessionIdleMs: 3000 } });
    const first = await openSession(server.url);
    await openSession(server.url);
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
    const refused = await post(server.url, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    await expect.poll(() => openSession(server.url), { timeout: 15_000, interval: 200 }).not.toBe('');
    expect((await post(server.url, PING, { 'mcp-session-id': first })).status).toBe(404);
    await server.close();
  });
});
