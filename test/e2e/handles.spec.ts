import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryTransport, type Principal } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { openSession, post, type RawMessage } from './support/http-messages.js';

const CAPABILITIES = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
};
const ALICE: Principal = { id: 'alice', roles: [], permissions: [], attributes: {} };
const BOB: Principal = { ...ALICE, id: 'bob' };

/** Sends one request of the 2026 era in memory, as somebody. */
async function ask(server: TestServer, who: Principal, method: string, params: object): Promise<RawMessage> {
  const transport = server.app.get(InMemoryTransport).connect(who);
  await transport.start();
  const answer = new Promise<RawMessage>((resolve) => {
    Object.assign(transport, { onmessage: resolve });
  });
  await transport.send({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } });
  const message = await answer;
  await transport.close();
  return message;
}

const start = (): Promise<TestServer> =>
  createTestServer({
    imports: [FixturesModule],
    server: { pageSize: 1, stateTtlMs: 1000, tasks: { ttlMs: 1000, pollIntervalMs: 50, maxTasks: 100 } },
  });

/** A handle: how somebody is given one, and how it is used. */
interface Handle {
  readonly name: string;
  readonly expires: boolean;
  readonly get: (server: TestServer) => Promise<string>;
  readonly use: (server: TestServer, who: Principal, handle: string) => Promise<RawMessage>;
  /** What nobody was ever given. */
  readonly unknown: string;
}

const CONFIRM = { name: 'test_input_required_result_request_state', arguments: {} };
const ANSWERS = { confirm: { action: 'accept', content: { ok: true } } };

const HANDLES: readonly Handle[] = [
  {
    name: 'requestState',
    expires: true,
    unknown: 'bm90aGluZw',
    get: async (server) => String((await ask(server, ALICE, 'tools/call', CONFIRM)).result?.['requestState']),
    use: (server, who, requestState) =>
      ask(server, who, 'tools/call', { ...CONFIRM, requestState, inputResponses: ANSWERS }),
  },
  {
    name: 'cursor',
    expires: false,
    unknown: 'bm90aGluZw.bm90aGluZw',
    get: async (server) => String((await ask(server, ALICE, 'tools/list', {})).result?.['nextCursor']),
    use: (server, who, cursor) => ask(server, who, 'tools/list', { cursor }),
  },
  {
    name: 'task',
    expires: true,
    unknown: '00000000-0000-4000-8000-000000000000',
    get: async (server) => {
      const call = { name: 'slow_compute', arguments: { seconds: 0 } };
      return String((await ask(server, ALICE, 'tools/call', call)).result?.['taskId']);
    },
    use: (server, who, taskId) => ask(server, who, 'tasks/get', { taskId }),
  },
];

describe.each(HANDLES)('[protocol F11] a $name', ({ unknown, get, use }) => {
  let server: TestServer;
  let other: TestServer;
  let refusal: RawMessage['error'];

  beforeAll(async () => {
    [server, other] = await Promise.all([start(), start()]);
    refusal = (await use(server, ALICE, unknown)).error;
  });

  afterAll(() => Promise.all([server.close(), other.close()]));

  it('is refused when nobody was given it', () => {
    expect(refusal).toMatchObject({ code: -32602 });
  });

  it('is good for the one who was given it', async () => {
    expect((await use(server, ALICE, await get(server))).error).toBeUndefined();
  });

  it('answers another principal like an unknown one', async () => {
    expect((await use(server, BOB, await get(server))).error).toEqual(refusal);
  });

  it('answers like an unknown one when it was altered', async () => {
    const handle = await get(server);
    const middle = Math.floor(handle.length / 2);
    const altered = handle.slice(0, middle) + (handle[middle] === 'A' ? 'B' : 'A') + handle.slice(middle + 1);
    expect((await use(server, ALICE, altered)).error).toEqual(refusal);
  });

  it('answers like an unknown one on another server', async () => {
    expect((await use(other, ALICE, await get(server))).error).toEqual(refusal);
  });
});

describe.each(HANDLES.filter(({ expires }) => expires))('[protocol F11] a $name', ({ unknown, get, use }) => {
  it('answers like an unknown one when its time is over', async () => {
    const server = await start();
    const refusal = (await use(server, ALICE, unknown)).error;
    const handle = await get(server);
    const late = performance.now() + 1100;
    await expect.poll(() => performance.now() > late, { timeout: 3000 }).toBe(true);
    expect((await use(server, ALICE, handle)).error).toEqual(refusal);
    await server.close();
  });
});

describe('[protocol F11] a requestState', () => {
  it('is used up when its call is complete', async () => {
    const server = await start();
    const [state] = HANDLES;
    const used = await state?.get(server);
    expect((await state?.use(server, ALICE, used ?? ''))?.error).toBeUndefined();
    expect((await state?.use(server, ALICE, used ?? ''))?.error).toMatchObject({ code: -32602 });
    await server.close();
  });
});

describe('[protocol L2] a session and its streams', () => {
  it('mean nothing to another server, nor an event of one session to another', async () => {
    const [one, two] = await Promise.all([
      createTestServer({ imports: [FixturesModule], transport: 'http' }),
      createTestServer({ transport: 'http' }),
    ]);
    const [mine, theirs] = await Promise.all([openSession(one.url), openSession(one.url)]);
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await post(two.url, ping, { 'mcp-session-id': mine })).status).toBe(404);
    const call = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'test_reconnection', arguments: {} } };
    const stream = await post(one.url, call, { 'mcp-session-id': mine });
    const eventId = /^id: ?(\S+)$/m.exec(await stream.text())?.[1] ?? '';
    expect(eventId).not.toBe('');
    const headers = { accept: 'text/event-stream', 'mcp-session-id': theirs, 'last-event-id': eventId };
    expect((await fetch(one.url, { headers })).status).toBe(400);
    await Promise.all([one.close(), two.close()]);
  });
});
