import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryTaskStore } from '../../src/mcp/extensions/tasks/task-store.js';
import type { TaskRecord } from '../../src/mcp/extensions/tasks/task.js';
import { Dialogue } from './drive/dialogue.js';
import { memoryPeer } from './drive/memory-peer.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { LivelyTools } from './fixtures/lively.tools.js';
import { handshake } from './generate/conversation.js';
import { EVERYTHING } from './generate/envelope.js';

let server: FuzzServer;
let client: Dialogue;
beforeAll(async () => {
  server = await startFuzzServer();
  client = new Dialogue(server.memory);
});
afterAll(async () => {
  await client.close();
  await server.close();
});

const call = (name: string, input: object = {}, more: object = {}) =>
  client.request('tools/call', { name, arguments: input, ...more });

describe('a result that JSON cannot say', () => {
  it.each(['function', 'symbol'])('is an internal error of its tool: %s', async (how) => {
    const { result } = await call('faulty_result', { how });
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'internal' } });
  });

  it.each(['bigint', 'function'])('completes a task with an error: %s', async (how) => {
    const taskId = (await call('faulty_task', { how })).result?.['taskId'];
    const look = async (): Promise<unknown> => (await client.request('tasks/get', { taskId })).result;
    await expect.poll(look).toMatchObject({ status: 'completed', result: { isError: true } });
  });

  it.each(['function', 'symbol'])('is no text of a prompt or a resource: %s', async (how) => {
    const prompt = await client.request('prompts/get', { name: 'faulty_prompt', arguments: { how } });
    expect(prompt.error).toMatchObject({ code: -32603 });
    expect((await client.request('resources/read', { uri: `faulty://${how}` })).error).toMatchObject({ code: -32603 });
  });
});

describe('a question', () => {
  it.each([
    { role: 'assistant', model: 'm', content: {} },
    { role: 'assistant', model: 'm', content: [{ type: 'text' }] },
    { role: 'assistant', content: { type: 'text', text: 'no model' } },
  ])('to a model is asked again when the answer is none: %o', async (answer) => {
    const name = 'test_input_required_result_sampling';
    const { requestState } = (await call(name)).result ?? {};
    const { result } = await call(name, {}, { requestState, inputResponses: { capital_question: answer } });
    expect(result).toMatchObject({ resultType: 'input_required' });
  });

  it.each([
    ['much', { text: 'x'.repeat(17_000) }],
    ['many', { text: '', _meta: { list: Array.from({ length: 9_000 }, () => 1) } }],
  ])('is not asked when %s would have to be remembered', async (_what, more) => {
    const name = 'test_input_required_result_multiple_inputs';
    const { requestState } = (await call(name)).result ?? {};
    const answer = { role: 'assistant', model: 'm', content: { type: 'text', ...more } };
    const { result } = await call(name, {}, { requestState, inputResponses: { greeting: answer } });
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'tool_error' } });
  });

  it('depends on what the client declares: whoever declares something else begins anew', async () => {
    const name = 'test_input_required_result_capabilities';
    const { requestState } = (await call(name)).result ?? {};
    const answers = { user_name: { action: 'decline' } };
    const next = await call(name, {}, { requestState, inputResponses: answers });
    const other = new Dialogue(server.memory, undefined, {});
    const params = { name, arguments: {}, requestState: next.result?.['requestState'], inputResponses: {} };
    const { result } = await other.request('tools/call', params);
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'invalid_arguments' } });
    await other.close();
  });
});

describe('an answer', () => {
  it('is followed by nothing, whatever its handler still does', async () => {
    const peer = await memoryPeer(server.memory);
    for (const recipe of handshake({ version: '2025-11-25', declared: EVERYTHING })) peer.channel.send(recipe);
    const params = { name: 'afterthought', arguments: { ms: 1 }, _meta: { progressToken: 'token' } };
    peer.channel.sendText(JSON.stringify({ jsonrpc: '2.0', id: 'a', method: 'tools/call', params }));
    await expect.poll(() => server.app.get(LivelyTools).afterthoughts).toBe(1);
    await peer.channel.settle();
    expect(peer.heard.at(-1)).toMatchObject({ id: 'a', result: {} });
    await peer.close();
  });

  it('of a client that is none is refused without its id, which is one of the server', async () => {
    const peer = await memoryPeer(server.memory);
    peer.channel.sendText(JSON.stringify({ jsonrpc: '2.0', id: 'a', result: 5 }));
    await expect.poll(() => peer.heard).toMatchObject([{ id: null, error: { code: -32600 } }]);
    await peer.close();
  });
});

describe('two changes of a task at once', () => {
  it('are both kept, and none comes after the end', async () => {
    const store = new InMemoryTaskStore(1);
    const now = new Date().toISOString();
    const times = { createdAt: now, lastUpdatedAt: now, ttlMs: 60_000, pollIntervalMs: 10 };
    const task: TaskRecord = { taskId: 't', principal: 'alice', tool: 'x', status: 'working', ...times };
    await store.create(task);
    await Promise.all([store.update('t', { statusMessage: 'half' }), store.update('t', { status: 'cancelled' })]);
    await Promise.all([store.update('t', { status: 'input_required' }), store.update('t', { status: 'working' })]);
    expect(await store.find('t')).toMatchObject({ status: 'cancelled', statusMessage: 'half' });
  });
});
