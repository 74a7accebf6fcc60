import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../support/servers/index.js';
import { TemporaryFiles } from '../support/servers/temporary-files.js';
import {
  eventsOf,
  messageOf,
  nextMessage,
  openSession,
  post,
  postModern,
  type RawMessage,
} from './support/http-messages.js';
import { ReplicaGroup, type Replica } from './support/replica-group.js';

const KEYS = ['the one secret that all processes of this server share'];
const CAPABLE = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
const ACCEPT = (color: string): object => ({ action: 'accept', content: { color } });

/** A request of the 2026 era to one process or to all. */
async function ask(url: string, method: string, params: Record<string, unknown> = {}): Promise<RawMessage> {
  return messageOf(await postModern(url, method, params, { capabilities: CAPABLE }));
}

/** What one process does is looked for by the other every 200 ms, on a machine that does other things meanwhile. */
const EVENTUALLY = { timeout: 10_000 };

const textOf = (result: unknown): string => (result as { content: { text: string }[] }).content[0]?.text ?? '';
const valueOf = (result: unknown): unknown => JSON.parse(textOf(result));

/** A task that one process runs. */
async function start(replica: Replica, name: string, args: object = {}): Promise<string> {
  const { result } = await ask(replica.url, 'tools/call', { name, arguments: args });
  expect(result).toMatchObject({ resultType: 'task', status: 'working' });
  return String(result?.['taskId']);
}

async function taskAt(replica: Replica, taskId: string): Promise<Record<string, unknown>> {
  return (await ask(replica.url, 'tasks/get', { taskId })).result ?? {};
}

/** What tasks do between two processes, whichever database and bus they share. */
function describeTasks(group: () => ReplicaGroup): void {
  it('[R9] are found by any process', async () => {
    const taskId = await start(group().a, 'endless', { key: 'found' });
    const expected = { taskId, status: 'working', statusMessage: 'a' };
    await expect.poll(() => taskAt(group().b, taskId), EVENTUALLY).toMatchObject(expected);
    expect(await taskAt(group().a, taskId)).toMatchObject(expected);
    await ask(group().b.url, 'tasks/cancel', { taskId });
  });

  it('[R9] are cancelled by any process: their handler hears of it', async () => {
    const taskId = await start(group().a, 'endless', { key: 'cancelled' });
    await ask(group().b.url, 'tasks/cancel', { taskId });
    expect(await taskAt(group().b, taskId)).toMatchObject({ status: 'cancelled' });
    const aborted = async (): Promise<unknown> =>
      valueOf((await ask(group().a.url, 'tools/call', { name: 'aborted', arguments: {} })).result);
    await expect.poll(aborted, EVENTUALLY).toEqual(expect.arrayContaining(['cancelled']));
    expect(await taskAt(group().a, taskId)).toMatchObject({ status: 'cancelled' });
  });

  it('[R9] take the answers to their questions from any process, and each answer once', async () => {
    const taskId = await start(group().a, 'survey');
    await expect.poll(() => taskAt(group().b, taskId), EVENTUALLY).toMatchObject({ status: 'input_required' });
    expect(Object.keys((await taskAt(group().b, taskId))['inputRequests'] as object).toSorted()).toEqual([
      'first',
      'second',
    ]);
    const update = (replica: Replica, inputResponses: object): Promise<RawMessage> =>
      ask(replica.url, 'tasks/update', { taskId, inputResponses });
    await update(group().b, { first: { action: 'accept', content: { color: 7 } }, other: ACCEPT('no') });
    await update(group().b, { first: ACCEPT('red') });
    await Promise.all([
      update(group().a, { first: ACCEPT('late') }),
      update(group().b, { first: ACCEPT('late') }),
      update(group().b, { second: ACCEPT('blue') }),
    ]);
    await expect.poll(() => taskAt(group().b, taskId), EVENTUALLY).toMatchObject({ status: 'completed' });
    const { result, inputRequests, answers } = await taskAt(group().b, taskId);
    expect(valueOf(result)).toEqual({ colors: ['red', 'blue'], by: 'a' });
    expect([inputRequests, answers]).toEqual([undefined, undefined]);
  });

  it('[R9] are told of by any process, in order and until their end', async () => {
    const taskId = await start(group().a, 'survey');
    const stop = new AbortController();
    const listening = await postModern(
      group().b.url,
      'subscriptions/listen',
      { notifications: { taskIds: [taskId] } },
      { id: 7, capabilities: CAPABLE, signal: stop.signal },
    );
    const events = eventsOf(listening);
    expect(await nextMessage(events)).toMatchObject({ params: { notifications: { taskIds: [taskId] } } });
    await expect.poll(() => taskAt(group().b, taskId), EVENTUALLY).toMatchObject({ status: 'input_required' });
    await ask(group().a.url, 'tasks/update', {
      taskId,
      inputResponses: { first: ACCEPT('red'), second: ACCEPT('blue') },
    });
    const statuses: unknown[] = [];
    for (let last; last !== 'completed'; statuses.push(last)) {
      const { method, params } = await nextMessage(events);
      expect(method).toBe('notifications/tasks');
      last = params?.['status'];
    }
    expect(statuses.at(-1)).toBe('completed');
    stop.abort();
  });
}

/** What becomes of tasks whose process is killed; the last thing that a group does. */
function describeDeath(group: () => ReplicaGroup): void {
  it('[R9] a process that is killed takes nothing with it but its tasks, which end with an error', async () => {
    const { a, b, url } = group();
    const [orphan, own] = [await start(a, 'survey'), await start(b, 'endless', { key: 'own' })];
    await expect.poll(() => taskAt(b, orphan), EVENTUALLY).toMatchObject({ status: 'input_required' });
    const stop = new AbortController();
    const listening = await postModern(
      b.url,
      'subscriptions/listen',
      { notifications: { taskIds: [orphan] } },
      { id: 9, capabilities: CAPABLE, signal: stop.signal },
    );
    const events = eventsOf(listening);
    await nextMessage(events);
    await group().kill(a);
    for (let round = 0; round < 4; round++) {
      expect(textOf((await ask(url, 'tools/call', { name: 'where', arguments: {} })).result)).toBe('b');
    }
    // What the task asked is told of after it can be read, so the first message may still be of that.
    let told = await nextMessage(events);
    while (told.params?.['status'] === 'input_required') told = await nextMessage(events);
    expect(told).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId: orphan, status: 'failed', error: { code: -32603, data: { code: 'internal' } } },
    });
    stop.abort();
    const failed = await taskAt(b, orphan);
    expect(failed).toMatchObject({ status: 'failed' });
    expect((failed['error'] as { message: string }).message).toMatch(/process that ran this task has ended/);
    expect(await taskAt(b, own)).toMatchObject({ status: 'working' });
    await ask(b.url, 'tasks/update', { taskId: orphan, inputResponses: { first: ACCEPT('red') } });
    expect(await taskAt(b, orphan)).toEqual(failed);
    await ask(b.url, 'tasks/cancel', { taskId: own });
  }, 60_000);
}

describe('two processes with PostgreSQL and Redis, behind a proxy without stickiness', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let group: ReplicaGroup;
  let client: Client;
  const asked: string[] = [];

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    const store = await postgres.createDatabase();
    group = await ReplicaGroup.start({ store, redis: redis.url, stateKeys: KEYS });
    client = new Client(
      { name: 'replicas', version: '0' },
      { capabilities: { elicitation: { form: {}, url: {} } }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: { color: 'green' } };
    });
    await client.connect(new StreamableHTTPClientTransport(new URL(group.url)));
  }, 300_000);

  afterAll(async () => {
    await client.close();
    await group.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
  });

  const call = async (name: string): Promise<Awaited<ReturnType<Client['callTool']>>> =>
    client.callTool({ name, arguments: {} });

  it('[R9] answer the reference client by turns', async () => {
    const places = [await call('where'), await call('where'), await call('where'), await call('where')];
    expect(places.map(textOf).toSorted()).toEqual(['a', 'a', 'b', 'b']);
    expect(client.getServerVersion()).toMatchObject({ name: 'replicas' });
  });

  it('[R9] take each other’s cursors', async () => {
    const names: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await client.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } });
      names.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
      pages++;
    } while (cursor !== undefined);
    expect(pages).toBeGreaterThan(2);
    expect(names).toEqual([...new Set(names)].toSorted());
    expect(names).toContain('where');
    const [{ result }] = [await ask(group.a.url, 'tools/list')];
    const next = await ask(group.b.url, 'tools/list', { cursor: result?.['nextCursor'] });
    expect(next.error).toBeUndefined();
  });

  it('[R9] take the rounds of one call by turns, and run each effect once', async () => {
    asked.splice(0);
    const { primed, mixed, painted, ...colors } = valueOf(await call('paint')) as Record<string, string>;
    expect(colors).toEqual({ wall: 'green', door: 'green' });
    expect(asked).toEqual(['Which color has the wall?', 'Which color has the door?']);
    expect(mixed).not.toBe(primed);
    expect(painted).toBe(primed);
  });

  it('[R9] send the user of either to a page', async () => {
    expect([textOf(await call('consent')), textOf(await call('consent'))]).toEqual(['accept', 'accept']);
  });

  it('[R9] complete a call once, whichever of them is sent its requestState', async () => {
    const request = { name: 'consent', arguments: {} };
    const elicitation = { elicitation: { form: {}, url: {} } };
    const asks = async (url: string, params: Record<string, unknown>): Promise<RawMessage> =>
      messageOf(await postModern(url, 'tools/call', params, { capabilities: elicitation }));
    const { result } = await asks(group.a.url, request);
    const retry = {
      ...request,
      requestState: result?.['requestState'],
      inputResponses: { page: { action: 'accept' } },
    };
    const both = await Promise.all(
      Array.from({ length: 8 }, (_, index) => asks(index % 2 === 0 ? group.a.url : group.b.url, retry)),
    );
    expect(both.filter(({ error }) => error === undefined)).toHaveLength(1);
    expect(both.filter(({ error }) => error?.code === -32602)).toHaveLength(7);
  });

  it('[R9] share the limits exactly', async () => {
    const places: string[] = [];
    while (places.length < 10) places.push(textOf(await call('limited')));
    expect(new Set(places)).toEqual(new Set(['a', 'b']));
    const calls = await Promise.all(Array.from({ length: 40 }, () => call('limited')));
    expect(calls.filter(({ isError }) => isError !== true)).toHaveLength(10);
    expect(calls.find(({ isError }) => isError === true)?._meta).toMatchObject({ 'rookery/code': 'rate_limited' });
  });

  it('[R9] tell all clients of a list that has changed in one of them', async () => {
    let heard = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => void heard++);
    const subscription = await client.listen({ toolsListChanged: true });
    for (const replica of [group.a, group.b]) {
      const before = heard;
      await ask(replica.url, 'tools/call', { name: 'learn', arguments: { name: `learned_by_${replica.label}` } });
      await expect.poll(() => heard, EVENTUALLY).toBeGreaterThan(before);
    }
    await subscription.close();
  });

  it('[R9] never serve the session of the other one', async () => {
    const session = await openSession(group.a.url);
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await post(group.b.url, ping, { 'mcp-session-id': session })).status).toBe(404);
    expect((await post(group.a.url, ping, { 'mcp-session-id': session })).status).toBe(200);
    const byTurns = [
      await post(group.url, ping, { 'mcp-session-id': session }),
      await post(group.url, ping, { 'mcp-session-id': session }),
    ];
    expect(new Set(byTurns.map(({ status }) => status))).toEqual(new Set([200, 404]));
  });

  describe('tasks', () => {
    describeTasks(() => group);

    it('[R9] bring their result home though the database was away when they ended', { timeout: 60_000 }, async () => {
      const [taskId, other] = [
        await start(group.a, 'nap', { ms: 2_000 }),
        await start(group.b, 'endless', { key: 'x' }),
      ];
      await postgres.kill();
      expect((await ask(group.b.url, 'tasks/get', { taskId })).error).toMatchObject({ code: -32603 });
      await expect
        .poll(() => group.a.process.stdout + group.a.process.stderr, EVENTUALLY)
        .toContain('could not be brought');
      await postgres.restart();
      await expect.poll(() => taskAt(group.b, taskId), { timeout: 20_000 }).toMatchObject({ status: 'completed' });
      expect(textOf((await taskAt(group.b, taskId))['result'])).toBe('a');
      expect(await taskAt(group.a, other)).toMatchObject({ status: 'working' });
      await ask(group.a.url, 'tasks/cancel', { taskId: other });
    });
  });

  it('[R9] refuse a further round with the seconds to wait while Redis is away, and go on when it is back', async () => {
    const request = { name: 'consent', arguments: {} };
    const capabilities = { elicitation: { form: {}, url: {} } };
    const { result } = await messageOf(await postModern(group.a.url, 'tools/call', request, { capabilities }));
    const retry = {
      ...request,
      requestState: result?.['requestState'],
      inputResponses: { page: { action: 'accept' } },
    };
    const again = async (): Promise<RawMessage> =>
      messageOf(await postModern(group.b.url, 'tools/call', retry, { capabilities }));
    await redis.kill();
    expect((await again()).error).toMatchObject({ code: 503, data: { code: 'overloaded', retry_after: 1 } });
    await redis.restart();
    await expect
      .poll(async () => textOf((await again()).result ?? { content: [] }), { timeout: 10_000 })
      .toBe('accept');
  });

  describe('one of which is killed', () => {
    describeDeath(() => group);
  });
});

describe('two processes, one of which is told to stop', () => {
  const files = new TemporaryFiles();
  let group: ReplicaGroup;

  beforeAll(async () => {
    group = await ReplicaGroup.start({ store: `file:${await files.path('store.db')}`, stateKeys: KEYS });
  }, 60_000);
  afterAll(async () => {
    await group.stop();
    await files.remove();
  });

  it('[R8] ends its tasks where the other one sees it, and exits with 0', async () => {
    const { a, b } = group;
    const [quick, endless] = [await start(a, 'nap', { ms: 100 }), await start(a, 'endless', { key: 'stopped' })];
    a.process.signal('SIGTERM');
    expect(await a.process.ended()).toEqual({ code: 0, signal: null });
    expect(await taskAt(b, quick)).toMatchObject({ status: 'completed' });
    expect(await taskAt(b, endless)).toMatchObject({
      status: 'cancelled',
      statusMessage: 'The server is shutting down.',
    });
  });
});

describe('two processes with one libsql file and nothing else', () => {
  const files = new TemporaryFiles();
  let group: ReplicaGroup;

  beforeAll(async () => {
    group = await ReplicaGroup.start({ store: `file:${await files.path('store.db')}`, stateKeys: KEYS });
  }, 60_000);
  afterAll(async () => {
    await group.stop();
    await files.remove();
  });

  describe('tasks', () => {
    describeTasks(() => group);
    describeDeath(() => group);
  });
});
