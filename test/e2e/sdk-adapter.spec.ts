import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { McpTool, ServerStatus, type Call } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { Gates } from './support/gates.js';
import { eventsOf, nextMessage, openSession, post } from './support/http-messages.js';
import { send } from './support/raw-http.js';
import { RunningTools } from './support/running.tools.js';

@Injectable()
class Whereabouts {
  @McpTool({ description: 'Where the caller is.' })
  whereabouts(_input: object, { remoteAddress }: Call): string {
    return remoteAddress ?? 'nowhere';
  }
}

const start = (options = {}): Promise<TestServer> =>
  createTestServer({
    imports: [FixturesModule],
    providers: [Gates, RunningTools, Whereabouts],
    server: { adapter: 'sdk', ...options },
    transport: 'http',
    era: '2025-11-25',
  });
const call = (id: number, name: string, args: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

describe('the wire of the SDK over HTTP', () => {
  let server: TestServer;
  let session: Record<string, string>;

  beforeAll(async () => {
    server = await start();
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
    ['a body in an encoding that is not served', { 'content-encoding': 'zstd' }, '{}', 415],
    ['a body that is no JSON', {}, '{', 400],
    ['a body that is too large', {}, 'x'.repeat(5_000_000), 413],
  ])('refuses %s at the same door', async (_what, headers, body, status) => {
    const given = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    expect(await send(server.url, { headers: given, body })).toMatchObject({ status });
  });
});

describe('a server on the wire of the SDK that stops', () => {
  it('finishes open calls, takes no new ones and ends streams', async () => {
    const server = await start();
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
    const server = await start({ shutdownGraceMs: 50 });
    const session = { 'mcp-session-id': await openSession(server.url) };
    const held = await post(server.url, call(1, 'slow_compute', { seconds: 60 }), session);
    const closed = server.close();
    await expect(nextMessage(eventsOf(held))).resolves.toMatchObject({
      result: { isError: true, _meta: { 'rookery/code': 'cancelled' } },
    });
    await closed;
  });
});
