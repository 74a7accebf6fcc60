import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { eventsOf, messageOf, nextMessage, postModern, type RawMessage } from './support/http-messages.js';

const ID_KEY = 'io.modelcontextprotocol/subscriptionId';
const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} }, elicitation: {} };

describe('[protocol F15] subscriptions/listen', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await createTestServer({ imports: [FixturesModule], transport: 'http', server: { maxSubscriptions: 3 } });
  });

  afterAll(() => server.close());

  const listen = (notifications: object, id: number, signal?: AbortSignal): Promise<Response> =>
    postModern(
      server.url,
      'subscriptions/listen',
      { notifications },
      { id, capabilities: TASKS, ...(signal && { signal }) },
    );

  it('acknowledges what was asked for, then tells of that and of nothing else', async () => {
    const stop = new AbortController();
    const events = eventsOf(
      await listen({ promptsListChanged: true, resourceSubscriptions: ['test://watched-resource'] }, 11, stop.signal),
    );
    await expect(nextMessage(events)).resolves.toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: {
        notifications: { promptsListChanged: true, resourceSubscriptions: ['test://watched-resource'] },
        _meta: { [ID_KEY]: 11 },
      },
    });
    await server.server.registerTool({ name: 'new_one', description: 'New.' }, () => 'new');
    server.server.notifyResourceUpdated('test://static-text');
    server.server.notifyResourceUpdated('test://watched-resource');
    await expect(nextMessage(events)).resolves.toMatchObject({
      method: 'notifications/resources/updated',
      params: { uri: 'test://watched-resource', _meta: { [ID_KEY]: 11 } },
    });
    server.server.removeTool('new_one');
    stop.abort();
  });

  it('answers at once when there is nothing to listen to', async () => {
    const events = eventsOf(await listen({}, 12));
    await nextMessage(events);
    await expect(nextMessage(events)).resolves.toMatchObject({
      id: 12,
      result: { resultType: 'complete', _meta: { [ID_KEY]: 12 } },
    });
  });

  it('is limited in number, and frees its place when the client goes', async () => {
    const stop = new AbortController();
    const open = await Promise.all([1, 2, 3].map((id) => listen({ toolsListChanged: true }, id, stop.signal)));
    await Promise.all(open.map((response) => nextMessage(eventsOf(response))));
    await expect(listen({ toolsListChanged: true }, 4).then(messageOf)).resolves.toMatchObject({
      error: { code: -32603 },
    });
    stop.abort();
    const free = async (): Promise<string | undefined> => {
      const again = new AbortController();
      const first = await nextMessage(eventsOf(await listen({ toolsListChanged: true }, 5, again.signal))).catch(
        () => undefined,
      );
      again.abort();
      return first?.method;
    };
    await expect.poll(free).toBe('notifications/subscriptions/acknowledged');
  });

  it('[protocol E1] tells of the tasks of the caller', async () => {
    const call = { name: 'confirm_delete', arguments: { filename: 'a.txt' } };
    const { result } = await postModern(server.url, 'tools/call', call, { capabilities: TASKS }).then(messageOf);
    const taskId = String(result?.['taskId']);
    const stop = new AbortController();
    const events = eventsOf(await listen({ taskIds: [taskId, 'not-a-task'] }, 21, stop.signal));
    const acknowledged = await nextMessage(events);
    expect(acknowledged.params).toMatchObject({ notifications: { taskIds: [taskId] } });
    const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } };
    await postModern(server.url, 'tasks/update', { taskId, inputResponses }, { capabilities: TASKS });
    let last: RawMessage;
    do last = await nextMessage(events);
    while (last.params?.['status'] !== 'completed');
    expect(last).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, result: { content: [{ text: 'Deleted a.txt.' }] } },
    });
    stop.abort();
  });

  it('[protocol E1] refuses task ids of a client that does not declare tasks', async () => {
    const { error } = await postModern(server.url, 'subscriptions/listen', { notifications: { taskIds: ['x'] } }).then(
      messageOf,
    );
    expect(error).toMatchObject({ code: -32021 });
  });
});

describe('[protocol F15] a server that stops', () => {
  it('ends subscriptions with their result', async () => {
    const server = await createTestServer({ transport: 'http' });
    const response = await postModern(
      server.url,
      'subscriptions/listen',
      { notifications: { toolsListChanged: true } },
      { id: 31 },
    );
    const events = eventsOf(response);
    await nextMessage(events);
    const closed = server.close();
    await expect(nextMessage(events)).resolves.toMatchObject({ id: 31, result: { resultType: 'complete' } });
    await closed;
  });
});
