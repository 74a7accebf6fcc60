import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { messageOf, postModern, type RawMessage } from './support/http-messages.js';

const CAPABLE = { extensions: { 'io.modelcontextprotocol/tasks': {} }, elicitation: {} };

/** What `JSON.stringify` does where the text would be longer than a text can be. */
const endless = {
  toJSON: () => {
    throw new RangeError('Invalid string length');
  },
};

describe('[protocol E1] tasks', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await createTestServer({
      imports: [FixturesModule],
      transport: 'http',
      server: { tasks: { maxTasks: 20, ttlMs: 60_000, pollIntervalMs: 50 }, maxResultSize: 65_536 },
    });
  });

  afterAll(() => server.close());

  const request = (
    method: string,
    params: Record<string, unknown>,
    capabilities: object = CAPABLE,
  ): Promise<RawMessage> => postModern(server.url, method, params, { capabilities }).then(messageOf);
  const start = async (name: string, args: object = {}): Promise<string> => {
    const { result } = await request('tools/call', { name, arguments: args });
    return String(result?.['taskId']);
  };
  const status = async (taskId: string): Promise<unknown> =>
    (await request('tasks/get', { taskId })).result?.['status'];

  it('are what a long tool answers with, to clients that understand them', async () => {
    const { result } = await request('tools/call', { name: 'slow_compute', arguments: { seconds: 0 } });
    expect(result).toMatchObject({ resultType: 'task', status: 'working', ttlMs: 60_000, pollIntervalMs: 50 });
    const plain = await request('tools/call', { name: 'slow_compute', arguments: { seconds: 0 } }, {});
    expect(plain.result).toMatchObject({ resultType: 'complete', content: [{ type: 'text' }] });
  });

  it('keep their result for the client to fetch', async () => {
    const taskId = await start('slow_compute', { seconds: 0, label: 'sum' });
    await expect.poll(() => status(taskId)).toBe('completed');
    const { result } = await request('tasks/get', { taskId });
    expect(result?.['result']).toMatchObject({ content: [{ text: 'sum done after 0 s.' }] });
  });

  it.each<[string, unknown, string]>([
    ['is larger than server.maxResultSize', 'x'.repeat(65_536), 'at most 65536 are sent (server.maxResultSize)'],
    ['is longer than any text can be', endless, 'more than half a GiB'],
  ])('[R7] keep no result that %s, say so and count it', async (_what, value, message) => {
    const counted = (): number | undefined =>
      server.server
        .getMetrics()
        .find(({ name, labels }) => name === 'rookery_refused_requests_total' && labels['reason'] === 'result_size')
        ?.value;
    const before = counted() ?? 0;
    await server.server.registerTool({ name: 'long', description: 'Long.', task: 'optional' }, () => value);
    const taskId = await start('long');
    await expect.poll(() => status(taskId)).toBe('completed');
    const { result } = await request('tasks/get', { taskId });
    expect(result?.['result']).toMatchObject({ isError: true, _meta: { 'rookery/code': 'tool_error' } });
    expect(JSON.stringify(result)).toContain(message);
    expect(counted()).toBe(before + 1);
    server.server.removeTool('long');
  });

  it('validate arguments before they begin', async () => {
    const { result } = await request('tools/call', { name: 'slow_compute', arguments: { seconds: 'long' } });
    expect(result).toMatchObject({ resultType: 'complete', isError: true });
  });

  it('reach their handler when they are cancelled, and stay cancelled', async () => {
    const taskId = await start('slow_compute', { seconds: 60 });
    await expect(request('tasks/cancel', { taskId })).resolves.toMatchObject({ result: { resultType: 'complete' } });
    await expect(status(taskId)).resolves.toBe('cancelled');
    await request('tasks/cancel', { taskId });
    await expect(status(taskId)).resolves.toBe('cancelled');
    const running = server.server
      .getMetrics()
      .filter(({ name, labels }) => name === 'rookery_calls_in_flight' && labels['kind'] === 'task');
    await expect.poll(() => running.every(({ value }) => value >= 0)).toBe(true);
  });

  it('ask their questions while they run, and take no answer that breaks the form', async () => {
    const taskId = await start('confirm_delete', { filename: 'b.txt' });
    await expect.poll(() => status(taskId)).toBe('input_required');
    await request('tasks/update', {
      taskId,
      inputResponses: { confirm: { action: 'accept', content: { confirm: 'yes' } }, other: 1 },
    });
    await expect(status(taskId)).resolves.toBe('input_required');
    await request('tasks/update', { taskId, inputResponses: { confirm: { action: 'decline' } } });
    await expect.poll(() => status(taskId)).toBe('completed');
    const { result } = await request('tasks/get', { taskId });
    expect(result?.['result']).toMatchObject({ content: [{ text: 'Kept b.txt.' }] });
  });

  it('are refused to clients that do not declare them', async () => {
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { error } = await request(method, { taskId: 'x', inputResponses: {} }, {});
      expect(error).toMatchObject({ code: -32021 });
    }
    const { error } = await request('tools/call', { name: 'failing_job', arguments: {} }, {});
    expect(error).toMatchObject({ code: -32021, data: { requiredCapabilities: { extensions: {} } } });
  });

  it('that do not exist are invalid params', async () => {
    await expect(request('tasks/get', { taskId: 'never' })).resolves.toMatchObject({ error: { code: -32602 } });
  });

  it('are limited in number', async () => {
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => request('tools/call', { name: 'slow_compute', arguments: { seconds: 60 } })),
    );
    const refused = answers.filter(({ result }) => result?.['isError'] === true);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.result?.['_meta']).toMatchObject({ 'rookery/code': 'overloaded', retry_after: 60 });
    const created = answers.flatMap(({ result }) => (result?.['taskId'] === undefined ? [] : [result['taskId']]));
    await Promise.all(created.map((taskId) => request('tasks/cancel', { taskId })));
  });
});
