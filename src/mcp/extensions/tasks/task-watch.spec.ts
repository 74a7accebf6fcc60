import { describe, expect, it } from 'vitest';
import { InMemoryChangeBus } from '../../../core/index.js';
import { InMemoryTaskStore } from './task-store.js';
import { TaskWatch } from './task-watch.js';
import type { TaskRecord } from './task.js';

const TASK: TaskRecord = {
  taskId: 'a-task',
  principal: 'anonymous',
  tool: 'work',
  status: 'working',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastUpdatedAt: '2026-01-01T00:00:00.000Z',
  ttlMs: 3_600_000,
  pollIntervalMs: 100,
};

class SharedStore extends InMemoryTaskStore {
  override readonly shared = true as boolean as false;
}

/** A listener, and what it was told. */
function listen(store: InMemoryTaskStore, bus: InMemoryChangeBus, known = TASK) {
  const told: (string | undefined)[] = [];
  const stop = new TaskWatch(store, bus, 5).watch([known], ({ status, statusMessage }) => {
    told.push(statusMessage ?? status);
  });
  return { told, stop };
}

const change = { kind: 'task', taskId: 'a-task' } as const;

describe('TaskWatch', () => {
  it('tells of each change once, in order, and of nothing after the end', async () => {
    const [store, bus] = [new InMemoryTaskStore(1), new InMemoryChangeBus()];
    await store.create(TASK);
    const { told, stop } = listen(store, bus);
    await store.update('a-task', { statusMessage: 'half' });
    bus.publish(change);
    bus.publish(change);
    bus.publish({ kind: 'task', taskId: 'another' });
    await expect.poll(() => told).toEqual(['half']);
    await store.update('a-task', { statusMessage: undefined, status: 'completed' });
    bus.publish(change);
    bus.publish(change);
    await expect.poll(() => told).toEqual(['half', 'completed']);
    stop();
  });

  it('tells of what happened before it began', async () => {
    const [store, bus] = [new InMemoryTaskStore(1), new InMemoryChangeBus()];
    await store.create(TASK);
    await store.update('a-task', { status: 'failed' });
    const { told, stop } = listen(store, bus);
    await expect.poll(() => told).toEqual(['failed']);
    stop();
  });

  it('[R9] looks by itself where processes share the store, as no bus may tell', async () => {
    const [store, bus] = [new SharedStore(1), new InMemoryChangeBus()];
    await store.create(TASK);
    const { told, stop } = listen(store, bus);
    await store.update('a-task', { status: 'cancelled' });
    await expect.poll(() => told).toEqual(['cancelled']);
    stop();
  });

  it('tells nobody who has gone', async () => {
    const [store, bus] = [new SharedStore(1), new InMemoryChangeBus()];
    await store.create(TASK);
    const gone = listen(store, bus);
    gone.stop();
    const there = listen(store, bus);
    await store.update('a-task', { status: 'cancelled' });
    bus.publish(change);
    await expect.poll(() => there.told).toEqual(['cancelled']);
    expect(gone.told).toEqual([]);
    there.stop();
  });
});
