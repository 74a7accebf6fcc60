import type { ContractRunner } from '../../core/index.js';
import type { TaskRecord, TaskStore } from '../../mcp/index.js';

const TASK: TaskRecord = {
  taskId: 'a-task',
  principal: 'id:reports',
  tool: 'analyze',
  status: 'working',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastUpdatedAt: '2026-01-01T00:00:00.000Z',
  ttlMs: 60_000,
  pollIntervalMs: 500,
};

/** What a suite can do to time and room. */
export interface TaskStoreMaker {
  readonly maxTasks: number;
  readonly now: () => number;
}

/**
 * What every {@link TaskStore} must do. `makeStore` gives an empty one for each test; `another`, where a back end is
 * shared, that of another process.
 */
export function describeTaskStore(
  { describe, it, expect }: ContractRunner,
  makeStore: (maker: TaskStoreMaker) => TaskStore | Promise<TaskStore>,
  another?: (maker: TaskStoreMaker) => TaskStore | Promise<TaskStore>,
): void {
  const START = Date.parse('2026-06-01T00:00:00.000Z');
  const make = async (maxTasks = 10) => {
    const clock = { now: START };
    const maker: TaskStoreMaker = { maxTasks, now: () => clock.now };
    return { clock, maker, store: await makeStore(maker) };
  };

  describe('TaskStore contract', () => {
    it('gives back a task as it was created, and nothing for an id that it does not know', async () => {
      const { store } = await make();
      expect(await store.create(TASK)).toBe(true);
      expect(await store.find('a-task')).toEqual(TASK);
      expect(await store.find('A-task')).toBeUndefined();
      expect(await store.update('another', { status: 'failed' })).toBeUndefined();
    });

    it('changes a task and says when, with everything that a result, a question or an error has', async () => {
      const { store, clock } = await make();
      await store.create(TASK);
      clock.now += 1_000;
      const lastUpdatedAt = '2026-06-01T00:00:01.000Z';
      const inputRequests = { name: { method: 'elicitation/create', params: { message: 'Who? "ü"' } } };
      const asked = { ...TASK, status: 'input_required' as const, inputRequests, lastUpdatedAt };
      expect(await store.update('a-task', { status: 'input_required', inputRequests })).toEqual(asked);
      expect(await store.find('a-task')).toEqual(asked);
      const error = { code: -32_603, message: 'no', data: { code: 'internal' } };
      await store.update('a-task', { status: 'failed', error });
      expect(await store.find('a-task')).toEqual({ ...asked, status: 'failed', error });
    });

    it('changes nothing after the end', async () => {
      const { store } = await make();
      await store.create(TASK);
      await store.update('a-task', { status: 'completed', result: '{}' });
      expect(await store.update('a-task', { status: 'cancelled' })).toBeUndefined();
      expect((await store.find('a-task'))?.status).toBe('completed');
    });

    it('lets one of many ends at once be the end', async () => {
      const { store } = await make();
      await store.create(TASK);
      const ends = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.update('a-task', { status: 'completed', result: `${index}` })),
      );
      const winners = ends.filter((end) => end !== undefined);
      expect(winners.length).toBe(1);
      expect((await store.find('a-task'))?.result).toBe(winners[0]?.result);
    });

    it('forgets a task when its time is over', async () => {
      const { store, clock } = await make();
      await store.create(TASK);
      clock.now += TASK.ttlMs - 1;
      expect((await store.find('a-task'))?.taskId).toBe('a-task');
      clock.now += 1;
      expect(await store.find('a-task')).toBeUndefined();
      expect(await store.update('a-task', { status: 'failed' })).toBeUndefined();
    });

    it('refuses tasks for which there is no room, until others are over', async () => {
      const { store, clock } = await make(2);
      expect(await store.create(TASK)).toBe(true);
      expect(await store.create({ ...TASK, taskId: 'b', ttlMs: 1_000 })).toBe(true);
      expect(await store.create({ ...TASK, taskId: 'c' })).toBe(false);
      clock.now += 1_000;
      expect(await store.create({ ...TASK, taskId: 'c' })).toBe(true);
    });

    it('changes by what a task is, and leaves it alone when nothing follows from that', async () => {
      const { store, clock } = await make();
      await store.create(TASK);
      clock.now += 1_000;
      await store.update('a-task', ({ status }) => ({ statusMessage: `was ${status}` }));
      const changed = await store.find('a-task');
      expect(changed?.statusMessage).toBe('was working');
      clock.now += 1_000;
      expect(await store.update('a-task', () => undefined)).toEqual(changed);
      expect(await store.find('a-task')).toEqual(changed);
    });

    it('loses none of many changes at once that follow from what a task is', async () => {
      const { store } = await make();
      await store.create(TASK);
      const keys = Array.from({ length: 8 }, (_, index) => `key ${index}`);
      await Promise.all(
        keys.map((key) => store.update('a-task', ({ answers }) => ({ answers: { ...answers, [key]: 'yes' } }))),
      );
      expect(Object.keys((await store.find('a-task'))?.answers ?? {}).length).toBe(keys.length);
    });

    it('says which tasks nobody renews any more, until they have come to their end', async () => {
      const { store, clock } = await make();
      await store.create(TASK, 1_000);
      await store.create({ ...TASK, taskId: 'kept' }, 1_000);
      await store.create({ ...TASK, taskId: 'without' });
      clock.now += 999;
      expect(await store.abandoned()).toEqual([]);
      await store.renew(['kept'], 1_000);
      clock.now += 1;
      expect(await store.abandoned()).toEqual(['a-task']);
      await store.renew(['a-task'], 1_000);
      expect(await store.abandoned()).toEqual([]);
      clock.now += 1_000;
      expect((await store.abandoned()).toSorted()).toEqual(['a-task', 'kept']);
      await store.update('a-task', { status: 'failed' });
      expect(await store.abandoned()).toEqual(['kept']);
      clock.now += TASK.ttlMs;
      expect(await store.abandoned()).toEqual([]);
    });

    it('says with a renewal what became of the tasks, of as many as there are', async () => {
      const { store } = await make(300);
      const ids = Array.from({ length: 150 }, (_, index) => `task ${index}`);
      for (const taskId of ids) await store.create({ ...TASK, taskId }, 1_000);
      await store.update('task 7', { status: 'cancelled' });
      const renewed = await store.renew([...ids, 'unknown'], 1_000);
      expect(renewed.map(({ taskId }) => taskId).toSorted()).toEqual(ids.toSorted());
      expect(renewed.find(({ taskId }) => taskId === 'task 7')?.status).toBe('cancelled');
      expect(await store.renew([], 1_000)).toEqual([]);
    });

    if (another !== undefined) {
      it('shows other processes what was created and changed', async () => {
        const { store, maker } = await make();
        const other = await another(maker);
        await store.create(TASK);
        await other.update('a-task', { status: 'cancelled' });
        expect((await store.find('a-task'))?.status).toBe('cancelled');
      });
    }
  });
}
