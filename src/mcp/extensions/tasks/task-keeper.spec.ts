import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { Call, InMemoryTelemetry } from '../../../core/index.js';
import { LiveTask } from './live-task.js';
import { TaskKeeper } from './task-keeper.js';
import { InMemoryTaskStore } from './task-store.js';
import type { TaskRecord } from './task.js';

const LEASE_MS = 1_000;
const TASK: TaskRecord = {
  taskId: 'mine',
  principal: 'anonymous',
  tool: 'work',
  status: 'working',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastUpdatedAt: '2026-01-01T00:00:00.000Z',
  ttlMs: 3_600_000,
  pollIntervalMs: 100,
};

/** A store that can be away. */
class BrittleStore extends InMemoryTaskStore {
  away = false;

  override async renew(taskIds: readonly string[], leaseMs: number): Promise<readonly TaskRecord[]> {
    if (this.away) throw new Error('connect ECONNREFUSED');
    return super.renew(taskIds, leaseMs);
  }

  override async abandoned(): Promise<readonly string[]> {
    if (this.away) throw new Error('connect ECONNREFUSED');
    return super.abandoned();
  }
}

beforeAll(() => Logger.overrideLogger(false));

function setup() {
  const clock = { now: 0 };
  const store = new BrittleStore(10, () => clock.now);
  const live = new Map<string, LiveTask>();
  const givenUp: string[] = [];
  const telemetry = new InMemoryTelemetry();
  const keeper = new TaskKeeper({
    store,
    live,
    leaseMs: LEASE_MS,
    everyMs: LEASE_MS / 5,
    telemetry,
    now: () => clock.now,
    giveUp: async (taskId) => {
      givenUp.push(taskId);
      await store.update(taskId, { status: 'failed' });
    },
  });
  const runs = async (taskId: string): Promise<LiveTask> => {
    await store.create({ ...TASK, taskId }, LEASE_MS);
    const call = new Call({ kind: 'tool', name: 'work', input: {} });
    const task = new LiveTask(taskId, call, (change) => store.update(taskId, change));
    live.set(taskId, task);
    return task;
  };
  /** Lets time pass, a round every fifth of a lease. */
  const pass = async (ms: number): Promise<void> => {
    for (const end = clock.now + ms; clock.now < end;) {
      clock.now += LEASE_MS / 5;
      await keeper.beat();
    }
  };
  const failures = (): number | undefined => telemetry.samples()[0]?.value;
  return { store, givenUp, runs, pass, failures };
}

describe('TaskKeeper', () => {
  it('[R9] keeps the tasks of this process, and gives up those that nobody keeps', async () => {
    const { store, givenUp, runs, pass } = setup();
    await runs('mine');
    await store.create({ ...TASK, taskId: 'orphan' }, LEASE_MS);
    await pass(3 * LEASE_MS);
    expect(givenUp).toEqual(['orphan']);
    expect((await store.find('mine'))?.status).toBe('working');
  });

  it('[R9] tells a task what another process did to it', async () => {
    const { store, runs, pass } = setup();
    const { call } = await runs('mine');
    await store.update('mine', { status: 'cancelled' });
    expect(call.aborted).toBe(false);
    await pass(LEASE_MS / 5);
    expect(call.aborted).toBe(true);
    expect(String(call.signal.reason)).toContain('The task was cancelled.');
  });

  it('[R9] gives up nothing because the store was away: others get a lease to renew theirs first', async () => {
    const { store, givenUp, pass, failures } = setup();
    await pass(2 * LEASE_MS);
    await store.create({ ...TASK, taskId: 'of another' }, LEASE_MS);
    store.away = true;
    await pass(5 * LEASE_MS);
    expect(failures()).toBe(25);
    store.away = false;
    await pass(LEASE_MS / 5);
    await store.renew(['of another'], LEASE_MS);
    await pass((LEASE_MS * 4) / 5);
    expect(givenUp).toEqual([]);
    await pass(LEASE_MS);
    expect(givenUp).toEqual(['of another']);
  });
});
