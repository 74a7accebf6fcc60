import { isFinal, type TaskRecord } from './task.js';

/** What becomes of a task: the members that change, or how they follow from what it is; `undefined` leaves it as it is. */
export type TaskChange = Partial<TaskRecord> | ((task: TaskRecord) => Partial<TaskRecord> | undefined);

/**
 * Keeps tasks for their time. A task that was created is found from then on, by whoever asks (SEP-2663).
 *
 * The process that runs a task renews its lease; a task whose lease has run out has lost its process.
 */
export abstract class TaskStore {
  /** Whether other processes change these tasks too. */
  abstract readonly shared: boolean;
  /**
   * Whether there was room.
   *
   * @param leaseMs - milliseconds after which the task is abandoned unless it is renewed; its whole time by default
   */
  abstract create(task: TaskRecord, leaseMs?: number): Promise<boolean>;
  abstract find(taskId: string): Promise<TaskRecord | undefined>;
  /** Changes a task that has not come to its end; what it is then, or `undefined` when it had, or is gone. */
  abstract update(taskId: string, change: TaskChange): Promise<TaskRecord | undefined>;
  /** Renews the leases of those that have not come to their end; what each of them is now, the ended ones too. */
  abstract renew(taskIds: readonly string[], leaseMs: number): Promise<readonly TaskRecord[]>;
  /** Tasks that have not come to their end and whose lease has run out; at most 1,000 at once. */
  abstract abandoned(): Promise<readonly string[]>;
}

/** Makes the task store of a database; provided globally by who has one. */
export class TaskStoreFactory {
  constructor(readonly make: (maxTasks: number) => TaskStore) {}
}

/** What a task is after a change; the task itself when nothing changes. */
export function changedTask(task: TaskRecord, change: TaskChange, now: number): TaskRecord {
  const members = typeof change === 'function' ? change(task) : change;
  return members === undefined ? task : { ...task, ...members, lastUpdatedAt: new Date(now).toISOString() };
}

interface Kept {
  readonly task: TaskRecord;
  /** Milliseconds of the epoch. */
  readonly expires: number;
  /** Milliseconds of the epoch. */
  readonly leaseUntil: number;
}

const MOST_ABANDONED = 1_000;

/** Keeps tasks in this process. */
export class InMemoryTaskStore extends TaskStore {
  override readonly shared = false;
  readonly #tasks = new Map<string, Kept>();

  constructor(
    private readonly maxTasks: number,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override create(task: TaskRecord, leaseMs: number = task.ttlMs): Promise<boolean> {
    this.#sweep();
    if (this.#tasks.size >= this.maxTasks) return Promise.resolve(false);
    const now = this.now();
    this.#tasks.set(task.taskId, { task, expires: now + task.ttlMs, leaseUntil: now + leaseMs });
    return Promise.resolve(true);
  }

  override find(taskId: string): Promise<TaskRecord | undefined> {
    return Promise.resolve(this.#kept(taskId)?.task);
  }

  /** In one turn, so that of two changes at once none is lost, and none comes after the end. */
  override update(taskId: string, change: TaskChange): Promise<TaskRecord | undefined> {
    const kept = this.#kept(taskId);
    if (kept === undefined || isFinal(kept.task)) return Promise.resolve(undefined);
    const task = changedTask(kept.task, change, this.now());
    this.#tasks.set(taskId, { ...kept, task });
    return Promise.resolve(task);
  }

  override renew(taskIds: readonly string[], leaseMs: number): Promise<readonly TaskRecord[]> {
    const leaseUntil = this.now() + leaseMs;
    const renewed = taskIds.flatMap((taskId) => {
      const kept = this.#kept(taskId);
      if (kept === undefined) return [];
      this.#tasks.set(taskId, { ...kept, leaseUntil });
      return [kept.task];
    });
    return Promise.resolve(renewed);
  }

  override abandoned(): Promise<readonly string[]> {
    this.#sweep();
    const now = this.now();
    const lapsed = [...this.#tasks.values()].filter(({ task, leaseUntil }) => leaseUntil <= now && !isFinal(task));
    return Promise.resolve(lapsed.slice(0, MOST_ABANDONED).map(({ task }) => task.taskId));
  }

  #kept(taskId: string): Kept | undefined {
    const kept = this.#tasks.get(taskId);
    if (kept === undefined || kept.expires > this.now()) return kept;
    this.#tasks.delete(taskId);
    return undefined;
  }

  #sweep(): void {
    const now = this.now();
    for (const [taskId, { expires }] of this.#tasks) if (expires <= now) this.#tasks.delete(taskId);
  }
}
