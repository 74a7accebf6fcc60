import { isFinal, type TaskRecord } from './task.js';

/** Keeps tasks for their time. A task that was created is found from then on, by whoever asks (SEP-2663). */
export abstract class TaskStore {
  /** Whether there was room. */
  abstract create(task: TaskRecord): Promise<boolean>;
  abstract find(taskId: string): Promise<TaskRecord | undefined>;
  /** Changes a task that has not come to its end; what it is then, or `undefined` when it had, or is gone. */
  abstract update(taskId: string, change: Partial<TaskRecord>): Promise<TaskRecord | undefined>;
}

/** Keeps tasks in this process. */
export class InMemoryTaskStore extends TaskStore {
  readonly #tasks = new Map<string, { readonly task: TaskRecord; readonly expires: number }>();

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
    const kept = this.#tasks.get(taskId);
    if (kept === undefined || kept.expires > this.now()) return Promise.resolve(kept?.task);
    this.#tasks.delete(taskId);
    return Promise.resolve(undefined);
  }

  override async update(taskId: string, change: Partial<TaskRecord>): Promise<TaskRecord | undefined> {
    const task = await this.find(taskId);
    const kept = this.#tasks.get(taskId);
    if (task === undefined || kept === undefined || isFinal(task)) return undefined;
    const changed: TaskRecord = { ...task, ...change, lastUpdatedAt: new Date(this.now()).toISOString() };
    this.#tasks.set(taskId, { ...kept, task: changed });
    return changed;
  }

  #sweep(): void {
    const now = this.now();
    for (const [taskId, { expires }] of this.#tasks) if (expires <= now) this.#tasks.delete(taskId);
  }
}
