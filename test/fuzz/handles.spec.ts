import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../src/index.js';
import { Dialogue, type DialogueAnswer } from './drive/dialogue.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { realTampers, tampered } from './generate/handle.js';
import { SEED } from './settings.js';

const ALICE: Principal = { id: 'alice', roles: [], permissions: [], attributes: {} };
const BOB: Principal = { ...ALICE, id: 'bob' };
const MADE_UP = '6f1f2a0e-0000-4000-8000-000000000000';
const MINUTE_MS = 60_000;

let server: FuzzServer;
beforeAll(async () => {
  const tasks = { ttlMs: MINUTE_MS, pollIntervalMs: 10, maxTasks: 100 };
  server = await startFuzzServer('memory', { stateTtlMs: MINUTE_MS, tasks });
});
afterAll(() => server.close());

type Use = (by: Dialogue, handle: unknown) => Promise<DialogueAnswer>;

/** How a client is given something of a kind, and how it uses it. */
interface Handle {
  readonly get: (by: Dialogue) => Promise<unknown>;
  readonly use: Use;
}

const HANDLES = {
  cursor: {
    get: async (by) => (await by.request('tools/list')).result?.['nextCursor'],
    use: (by, cursor) => by.request('tools/list', { cursor }),
  },
  requestState: {
    get: async (by) => (await by.request('tools/call', { name: 'ask_twice' })).result?.['requestState'],
    use: (by, requestState) => by.request('tools/call', { name: 'ask_twice', requestState }),
  },
  task: {
    get: async (by) => (await by.request('tools/call', { name: 'asking_task' })).result?.['taskId'],
    use: (by, taskId) => by.request('tasks/get', { taskId }),
  },
} as const satisfies Readonly<Record<string, Handle>>;

describe.each(Object.entries(HANDLES))('a %s', (_kind, { get, use }: Handle) => {
  it('answers like an unknown one when it was altered, in whatever way', async () => {
    const alice = new Dialogue(server.memory, ALICE);
    const handle = String(await get(alice));
    const unknown = (await use(alice, MADE_UP)).error;
    await fc.assert(
      fc.asyncProperty(realTampers, fc.nat(999), async (how, pick) => {
        const { error } = await use(alice, tampered(handle, how, pick));
        // What is no text is told so.
        if (how === 'number') expect(error).toMatchObject({ code: -32602 });
        else expect(error).toEqual(unknown);
      }),
      { seed: SEED, numRuns: 100 },
    );
    expect(unknown).toMatchObject({ code: -32602 });
    expect((await use(alice, handle)).error).toBeUndefined();
    await alice.close();
  });
});

const TASK_USES: Readonly<Record<string, Use>> = {
  'tasks/update': (by, taskId) => by.request('tasks/update', { taskId, inputResponses: {} }),
  'tasks/cancel': (by, taskId) => by.request('tasks/cancel', { taskId }),
  'subscriptions/listen': (by, taskId) => by.request('subscriptions/listen', { notifications: { taskIds: [taskId] } }),
};

/** Everything that somebody new hears who uses a task. */
async function heard(use: Use, taskId: unknown): Promise<unknown> {
  const bob = new Dialogue(server.memory, BOB);
  const answer = await use(bob, taskId);
  await bob.close();
  return [...bob.notified, answer];
}

describe('a task of another principal', () => {
  it.each(Object.entries(TASK_USES))('is to %s like an unknown one, and goes on', async (_method, use) => {
    const alice = new Dialogue(server.memory, ALICE);
    const taskId = await HANDLES.task.get(alice);
    expect(await heard(use, taskId)).toEqual(await heard(use, MADE_UP));
    const status = async (): Promise<unknown> => (await HANDLES.task.use(alice, taskId)).result?.['status'];
    await expect.poll(status).toBe('input_required');
    await alice.close();
  });
});
