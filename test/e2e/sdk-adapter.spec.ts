import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { McpTool, McpTransportAdapter, ServerStatus, type Call } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { AdapterPipe } from './support/adapter-pipe.js';
import { Gates } from './support/gates.js';
import { eventsOf, nextMessage, openSession, post, type RawMessage } from './support/http-messages.js';
import { send } from './support/raw-http.js';
import { RunningTools } from './support/running.tools.js';

const ALL = { elicitation: {}, sampling: {}, roots: {} };
const NAME = z.object({ name: z.string() });

/** Says what became of a question, and where a call comes from. */
@Injectable()
class Interviewer {
  @McpTool({ description: 'Where the caller is.' })
  whereabouts(_input: object, { remoteAddress }: Call): string {
    return remoteAddress ?? 'nowhere';
  }

  @McpTool({ description: 'Asks for a name.' })
  async interview(_input: object, call: Call): Promise<string> {
    try {
      return JSON.stringify(await call.elicit({ message: 'Your name?', schema: NAME }));
    } catch (error) {
      return `failed: ${(error as Error).message}`;
    }
  }
}

const start = (adapter: 'native' | 'sdk', options = {}): Promise<TestServer> =>
  createTestServer({
    imports: [FixturesModule],
    providers: [Gates, RunningTools, Interviewer],
    server: { adapter, ...options },
    transport: 'http',
    era: '2025-11-25',
  });
const call = (id: number, name: string, args: object = {}, more: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args, ...more },
});
const initialize = (capabilities: object): object => ({
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } },
});

describe('the wire of the SDK over HTTP', () => {
  let server: TestServer;
  let session: Record<string, string>;

  beforeAll(async () => {
    server = await start('sdk');
    session = { 'mcp-session-id': await openSession(server.url), 'mcp-protocol-version': '2025-11-25' };
  });
  afterAll(() => server.close());

  const text = async (id: number, name: string, args: object): Promise<unknown> =>
    nextMessage(eventsOf(await post(server.url, call(id, name, args), session))).then(({ result }) => result);

  it('[S11] aborts a call that its client cancels, and no other', async () => {
    const held = await post(server.url, call(1, 'hold', { key: 'one' }), session);
    const kept = await post(server.url, call(2, 'hold', { key: 'two' }), session);
    await text(3, 'await_moment', { key: 'two', moment: 'begun' });
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    expect((await post(server.url, cancelled, session)).status).toBe(202);
    await text(4, 'await_moment', { key: 'one', moment: 'aborted' });
    await text(5, 'release', { key: 'two' });
    await expect(nextMessage(eventsOf(kept))).resolves.toMatchObject({
      id: 2,
      result: { content: [{ text: 'released' }] },
    });
    await held.body?.cancel();
  });

  it('[protocol L4] goes on with a call whose client disconnected', async () => {
    const held = await post(server.url, call(11, 'hold', { key: 'left' }), session);
    await text(12, 'await_moment', { key: 'left', moment: 'begun' });
    await held.body?.cancel();
    await text(13, 'release', { key: 'left' });
    await text(14, 'await_moment', { key: 'left', moment: 'ended' });
    expect(await text(15, 'was_aborted', { key: 'left' })).toMatchObject({ content: [{ text: 'false' }] });
  });

  it('knows where a call comes from', async () => {
    expect(await text(21, 'whereabouts', {})).toMatchObject({ content: [{ text: '127.0.0.1' }] });
  });

  it.each([
    ['a foreign Host', { host: 'evil.example.com' }, '{}', 403],
    ['a foreign Origin', { origin: 'https://evil.example.com' }, '{}', 403],
    ['another content type', { 'content-type': 'text/plain' }, '{}', 415],
    ['a compressed body', { 'content-encoding': 'gzip' }, '{}', 415],
    ['a body that is no JSON', {}, '{', 400],
    ['a body that is too large', {}, 'x'.repeat(5_000_000), 413],
  ])('refuses %s at the same door', async (_what, headers, body, status) => {
    const given = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    expect(await send(server.url, { headers: given, body })).toMatchObject({ status });
  });
});

describe.each(['native', 'sdk'] as const)('a question on a pipe, on the wire of %s', (adapter) => {
  let server: TestServer;
  let pipe: AdapterPipe;

  beforeAll(async () => {
    server = await start(adapter);
    pipe = new AdapterPipe(server.app.get(McpTransportAdapter));
    pipe.send(initialize(ALL), { method: 'notifications/initialized' });
    await pipe.next();
  });
  afterAll(async () => {
    await pipe.close();
    await server.close();
  });

  async function interview(id: number, answer: object): Promise<string> {
    pipe.send(call(id, 'interview'));
    let message = await pipe.next();
    for (; message?.method === 'elicitation/create'; message = await pipe.next())
      pipe.send({ id: message.id, ...answer });
    const [{ text = '' } = {}] = (message?.result?.['content'] ?? []) as { readonly text?: string }[];
    return text;
  }

  it.each([
    ['the answer', { result: { action: 'accept', content: { name: 'Ada' } } }, /^{"action":"accept".*"Ada"/],
    ['a refusal', { result: { action: 'decline' } }, /^{"action":"decline"}$/],
    ['an answer in another form, three times', { result: { action: 'accept', content: {} } }, /do not have the form/],
    ['an error', { error: { code: -1, message: 'no' } }, /^failed: The client refused: .*no$/],
  ])('brings %s to the tool', async (_what, answer, expected) => {
    expect(await interview(1, answer)).toMatch(expected);
  });
});

describe('the wire of the SDK on a pipe', () => {
  let server: TestServer;
  const open = async (capabilities: object = {}): Promise<AdapterPipe> => {
    const pipe = new AdapterPipe(server.app.get(McpTransportAdapter));
    pipe.send(initialize(capabilities), { method: 'notifications/initialized' });
    await pipe.next();
    return pipe;
  };

  beforeAll(async () => {
    server = await start('sdk');
  });
  afterAll(() => server.close());

  it('[protocol T1] answers what it was asked before the client closed its end', async () => {
    const pipe = await open();
    pipe.send(call(1, 'count', { to: 1, key: 'last' }), call(2, 'release', { key: 'last' }));
    await pipe.close();
    const answers = new Set([(await pipe.next())?.id, (await pipe.next())?.id]);
    expect(answers).toEqual(new Set([1, 2]));
    expect(await pipe.next()).toBeUndefined();
  });

  it('tells of changed lists and subscribed resources', async () => {
    const pipe = await open();
    const uri = 'test://watched-resource';
    pipe.send({ id: 1, method: 'resources/subscribe', params: { uri } });
    await pipe.next();
    server.server.notifyResourceUpdated('test://static-text');
    server.server.notifyResourceUpdated(uri);
    expect(await pipe.next()).toMatchObject({ method: 'notifications/resources/updated', params: { uri } });
    await server.server.registerTool({ name: 'new_one', description: 'New.' }, () => 'new');
    expect(await pipe.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
    await pipe.close();
    server.server.removeTool('new_one');
  });

  it('[protocol F14] reports progress before the answer, never going back', async () => {
    const pipe = await open();
    pipe.send(
      call(1, 'count', { to: 3, key: 'p' }, { _meta: { progressToken: 'p' } }),
      call(2, 'release', { key: 'p' }),
    );
    const steps: unknown[] = [];
    let message: RawMessage | undefined;
    while ((message = await pipe.next())?.id !== 1) {
      if (message?.method === 'notifications/progress') steps.push(message.params?.['progress']);
    }
    expect(steps).toEqual([1, 2, 3]);
    await pipe.close();
  });
});

describe('a server on the wire of the SDK that stops', () => {
  it('finishes open calls, takes no new ones and ends streams', async () => {
    const server = await start('sdk');
    const session = { 'mcp-session-id': await openSession(server.url) };
    const changes = await fetch(server.url, { headers: { accept: 'text/event-stream', ...session } });
    const held = await post(server.url, call(1, 'hold', { key: 'last' }), session);
    await nextMessage(
      eventsOf(await post(server.url, call(2, 'await_moment', { key: 'last', moment: 'begun' }), session)),
    );
    const closed = server.close();
    await expect.poll(() => server.app.get(ServerStatus).draining).toBe(true);
    expect((await post(server.url, call(3, 'release', { key: 'last' }), session)).status).toBe(503);
    server.app.get(Gates).reach('last', 'released');
    await expect(nextMessage(eventsOf(held))).resolves.toMatchObject({ result: { content: [{ text: 'released' }] } });
    await closed;
    expect(await changes.text()).toBe('');
  });

  it('aborts what does not end in time, and says so to its caller', async () => {
    const server = await start('sdk', { shutdownGraceMs: 50 });
    const session = { 'mcp-session-id': await openSession(server.url) };
    const held = await post(server.url, call(1, 'slow_compute', { seconds: 60 }), session);
    const closed = server.close();
    await expect(nextMessage(eventsOf(held))).resolves.toMatchObject({
      result: { isError: true, _meta: { 'rookery/code': 'cancelled' } },
    });
    await closed;
  });
});
