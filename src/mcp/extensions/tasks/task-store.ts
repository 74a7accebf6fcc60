import { isFinal, type TaskRecord } from './task.js';

/** Keeps tasks for their time. A task that was created is found from then on, by whoever asks (SEP-2663). */
export abstract class TaskStore {
  /** Whether there was room. */
  abstract create(task: TaskRecord): Promise<boolean>;
  abstract find(taskId: string): Promise<TaskRecord | undefined>;
  /** Changes a task that has not come to its end; what it is then, or `undefined` when it had, or is gone. */
  abstract update(taskId: string, change: Partial<TaskRecord>): Promise<TaskRecord | undefined>;
}

/** Makes the task store of a database; provided globally by who has one. */
export class TaskStoreFactory {
  constructor(readonly make: (maxTasks: number) => TaskStore) {}
}

interface Kept {
  readonly task: TaskRecord;
  /** Milliseconds of the epoch. */
  readonly expires: number;
}

/** Keeps tasks in this process. */
export class InMemoryTaskStore extends TaskStore {
  readonly #tasks = new Map<string, Kept>();

  constructor(
    private readonly maxTasks: number,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override create(task: TaskRecord): Promise<boolean> {
    this.#sweep();
    if (this.#tasks.size >= this.maxTasks) return Promise.resolve(false);
    this.#tasks.set(task.taskId, { task, expires: this.now() + task.ttlMs });
    return Promise.resolve(true);
  }

  override find(taskId: string): Promise<TaskRecord | undefined> {
    return Promise.resolve(this.#kept(taskId)?.task);
  }

  /** In one turn, so that of two changes at once none is lost, and none comes after the end. */
  override update(taskId: string, change: Partial<TaskRecord>): Promise<TaskRecord | undefined> {
    const kept = this.#kept(taskId);
    if (kept === undefined || isFinal(kept.task)) return Promise.resolve(undefined);
    const task: TaskRecord = { ...kept.task, ...change, lastUpdatedAt: new Date(this.now()).toISOString() };
    this.#tasks.set(taskId, { ...kept, task });
    return Promise.resolve(task);
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
