import { Logger } from '@nestjs/common';
import { redactError, type Counter, type Telemetry } from '../../../core/index.js';
import type { LiveTask } from './live-task.js';
import type { TaskStore } from './task-store.js';

/** What the keeper works with. */
export interface TaskKeeping {
  readonly store: TaskStore;
  /** The tasks of this process, by id. */
  readonly live: Pick<ReadonlyMap<string, LiveTask>, 'get' | 'has' | 'keys' | 'size' | 'values'>;
  /** How long a process may be silent before its tasks are given up, in milliseconds. */
  readonly leaseMs: number;
  /** How often the tasks of this process are renewed, and looked at, in milliseconds. */
  readonly everyMs: number;
  /** Ends a task that has lost its process. */
  readonly giveUp: (taskId: string) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Milliseconds of any clock that only goes forward. */
  readonly now?: () => number;
}

/** Counts the times that tasks could not be brought to their store. */
export function taskStoreFailures(telemetry: Telemetry): Counter {
  return telemetry.counter({
    name: 'rookery_task_store_failures_total',
    help: 'Times that the store of tasks could not be reached, by what it was wanted for.',
    labels: ['operation'],
  });
}

/**
 * Keeps the tasks of this process alive in a store that processes share, hears from there what other processes were
 * told about them, and gives up tasks that nobody keeps any more.
 *
 * After the store was away every lease may have run out though every process lives: nothing is given up before the store
 * has answered for a whole lease. The clocks of the processes must agree to a few seconds.
 */
export class TaskKeeper {
  readonly #logger = new Logger('Tasks');
  readonly #failures;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Since when the store has answered every time; `undefined` while it does not. */
  #wellSince: number | undefined;
  #logged = false;

  constructor(private readonly keeping: TaskKeeping) {
    this.#now = keeping.now ?? (() => performance.now());
    this.#failures = taskStoreFailures(keeping.telemetry).bind({ operation: 'renew' });
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#go(), this.keeping.everyMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** One round. Does not throw: a store that is away is counted, and tried again in the next round. */
  async beat(): Promise<void> {
    const { store, live, leaseMs, giveUp } = this.keeping;
    try {
      if (live.size > 0) {
        for (const record of await store.renew([...live.keys()], leaseMs)) live.get(record.taskId)?.see(record);
        for (const task of live.values()) task.retry();
      }
      const abandoned = await store.abandoned();
      this.#logged = false;
      this.#wellSince ??= this.#now();
      if (this.#now() - this.#wellSince < leaseMs) return;
      for (const taskId of abandoned) if (!live.has(taskId)) await giveUp(taskId);
    } catch (error) {
      this.#wellSince = undefined;
      this.#failures.add(1);
      if (!this.#logged) this.#logger.error({ msg: 'tasks could not be renewed', err: redactError(error) });
      this.#logged = true;
    }
  }

  async #go(): Promise<void> {
    await this.beat();
    if (!this.#stopped) this.start();
  }
}
