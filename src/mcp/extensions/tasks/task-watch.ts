import { Logger } from '@nestjs/common';
import { redactError, type ChangeBus } from '../../../core/index.js';
import type { TaskStore } from './task-store.js';
import { isFinal, type TaskRecord } from './task.js';

/** One task that is listened to. */
class Watched {
  #told: string;
  #over: boolean;
  #looking = false;
  #again = false;

  constructor(
    task: TaskRecord,
    private readonly find: () => Promise<TaskRecord | undefined>,
    private readonly tell: (task: TaskRecord) => void,
  ) {
    this.#told = JSON.stringify(task);
    this.#over = isFinal(task);
  }

  /** Tells what the task has become, in the order in which it became so; nothing after its end. */
  async look(): Promise<void> {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#again && !this.#over) {
        this.#again = false;
        const task = await this.find();
        const text = JSON.stringify(task);
        if (task === undefined || text === this.#told) continue;
        this.#told = text;
        this.#over = isFinal(task);
        this.tell(task);
      }
    } finally {
      this.#looking = false;
    }
  }
}

/**
 * Tells what becomes of tasks, whichever process runs them: when the bus says that one has changed, and where processes
 * share the store also by looking, as a bus may not reach other processes, or lose what it carries.
 */
export class TaskWatch {
  readonly #logger = new Logger('Tasks');

  constructor(
    private readonly store: TaskStore,
    private readonly changes: ChangeBus,
    private readonly everyMs: number,
  ) {}

  /** @param tasks - as their listener knows them @returns how to stop */
  watch(tasks: readonly TaskRecord[], tell: (task: TaskRecord) => void): () => void {
    let stopped = false;
    const told = (task: TaskRecord): void => {
      if (!stopped) tell(task);
    };
    const watched = new Map(
      tasks.map((task) => [task.taskId, new Watched(task, () => this.store.find(task.taskId), told)]),
    );
    const look = (one: Watched): void => {
      one.look().catch((error: unknown) => {
        this.#logger.warn({ msg: 'a task that is listened to could not be read', err: redactError(error) });
      });
    };
    const unsubscribe = this.changes.subscribe((change) => {
      const one = change.kind === 'task' ? watched.get(change.taskId) : undefined;
      if (one !== undefined) look(one);
    });
    const lookAtAll = (): void => watched.forEach(look);
    const timer = this.store.shared ? setInterval(lookAtAll, this.everyMs).unref() : undefined;
    // Something may have happened since the listener read them.
    lookAtAll();
    return () => {
      stopped = true;
      unsubscribe();
      clearInterval(timer);
    };
  }
}
