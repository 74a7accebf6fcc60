import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import {
  CallObservers,
  CancelledError,
  ChangeBus,
  InFlightMap,
  MissingClientCapabilityError,
  RookeryError,
  Suspension,
  Telemetry,
  isObject,
  principalKey,
  redactError,
  type Call,
  type Outcome,
} from '../../../core/index.js';
import { Eras } from '../../eras/eras.js';
import type { Exchange, TaskHost } from '../../exchange.js';
import { ResultLimit } from '../../limits/result-limit.js';
import { McpOptions } from '../../mcp.options.js';
import type { Params } from '../../wire.js';
import { LiveTask } from './live-task.js';
import { answered } from './task-answers.js';
import { observedEnd, taskCall } from './task-call.js';
import { ABANDONED, CANCELLED, endOf } from './task-end.js';
import { TaskKeeper, taskStoreFailures } from './task-keeper.js';
import { liveTaskMetrics } from './task-metrics.js';
import { TaskStore, type TaskChange } from './task-store.js';
import { leaseOf, renewEveryMs } from './task-times.js';
import { TASKS_EXTENSION, type TaskRecord } from './task.js';

/** Milliseconds between attempts to bring the end of a task into a store that is away. */
const SAVE_AGAIN_MS = 500;

/** Lets calls go on as tasks, brings their ends into the store, and what clients do about them to their handlers. */
@Injectable()
export class TaskRunner implements TaskHost, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #live = new InFlightMap<string, LiveTask>();
  readonly #following = new Set<Promise<void>>();
  readonly #logger = new Logger('Tasks');
  readonly #abandoned;
  readonly #unsaved;
  readonly #ended;
  #keeper: TaskKeeper | undefined;
  #unsubscribe: (() => void) | undefined;
  #closing = false;

  constructor(
    private readonly store: TaskStore,
    private readonly changes: ChangeBus,
    private readonly observers: CallObservers,
    private readonly eras: Eras,
    private readonly results: ResultLimit,
    private readonly options: McpOptions,
    private readonly telemetry: Telemetry,
  ) {
    this.#abandoned = telemetry
      .counter({ name: 'rookery_tasks_abandoned_total', help: 'Tasks given up because their process had gone.' })
      .bind({});
    this.#unsaved = taskStoreFailures(telemetry).bind({ operation: 'update' });
    this.#ended = liveTaskMetrics(telemetry, () => this.#live.values());
  }

  /** Only where other processes change tasks as well is there anything to hear, and to keep alive. */
  onApplicationBootstrap(): void {
    if (!this.store.shared) return;
    this.#unsubscribe = this.changes.subscribe((change) => {
      if (change.kind === 'task' && this.#live.has(change.taskId)) void this.#look(change.taskId);
    });
    this.#keeper = new TaskKeeper({
      store: this.store,
      live: this.#live,
      leaseMs: leaseOf(this.options.tasks),
      everyMs: renewEveryMs(this.options.tasks, this.changes),
      giveUp: (taskId) => this.#giveUp(taskId),
      telemetry: this.telemetry,
    });
    this.#keeper.start();
  }

  /** Every handler has ended or was aborted when modules are destroyed; stores are open until `onApplicationShutdown`. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#following);
    this.#keeper?.stop();
    this.#unsubscribe?.();
  }

  /**
   * Turns a running call into a task: the request is answered at once, the handler goes on.
   *
   * @returns the task, or `undefined` for a client that does not speak the extension
   * @throws MissingClientCapabilityError when that client cannot be served otherwise
   */
  async adopt(call: Call, exchange: Exchange, required: boolean): Promise<LiveTask | undefined> {
    if (call.kind !== 'tool' || !declaresTasks(exchange)) {
      if (required) throw new MissingClientCapabilityError({ extensions: { [TASKS_EXTENSION]: {} } });
      return undefined;
    }
    const { ttlMs, pollIntervalMs } = this.options.tasks;
    const now = new Date().toISOString();
    const task: TaskRecord = {
      taskId: randomUUID(),
      principal: principalKey(call.principal),
      tool: call.target.name,
      status: 'working',
      createdAt: now,
      lastUpdatedAt: now,
      ttlMs,
      pollIntervalMs,
    };
    await this.#create(task);
    if (call.aborted) {
      // Nobody was told of it, and nothing will end it.
      await this.cancel(task.taskId);
      throw new CancelledError();
    }
    const live = new LiveTask(task.taskId, call, (change) => this.#update(task.taskId, change));
    this.#live.set(task.taskId, live);
    call.suspend(new Suspension('task', task, (rest) => this.#begin(task, live, rest)));
    return live;
  }

  /**
   * Gives a task what its client answers, whichever process runs it.
   *
   * @throws the store's error: nothing was taken then
   */
  async answer(taskId: string, responses: Params): Promise<void> {
    let taken = false;
    const task = await this.store.update(taskId, (current) => {
      const change = answered(current, responses);
      taken = change !== undefined;
      return change;
    });
    if (task === undefined || !taken) return;
    this.#live.get(taskId)?.see(task);
    this.changes.publish({ kind: 'task', taskId });
  }

  /**
   * Ends a task at its client's wish, whichever process runs it. One that has ended stays as it is.
   *
   * @throws the store's error: the task goes on then
   */
  async cancel(taskId: string): Promise<void> {
    const task = await this.store.update(taskId, CANCELLED);
    if (task === undefined) return;
    this.#live.get(taskId)?.see(task);
    this.changes.publish({ kind: 'task', taskId });
  }

  /** A word on how far it is, for those who poll. */
  reports(taskId: string, statusMessage: string): void {
    this.#live.get(taskId)?.report(statusMessage);
  }

  async #create(task: TaskRecord): Promise<void> {
    const room = await this.store.create(task, leaseOf(this.options.tasks)).catch((cause: unknown) => {
      this.#failed(task.taskId, cause);
      throw new RookeryError('overloaded', 'Tasks cannot be kept at the moment; try again.', { retryAfter: 1 });
    });
    if (room) return;
    throw new RookeryError(
      'overloaded',
      'The server keeps as many tasks as it allows (server.tasks.maxTasks); try later.',
      { retryAfter: 60 },
    );
  }

  #begin(task: TaskRecord, live: LiveTask, rest: Promise<Outcome>): void {
    const following = this.#follow(task, live, rest).finally(() => this.#following.delete(following));
    this.#following.add(following);
  }

  /** What observers must have recorded is recorded before anybody can see the end. */
  async #follow(task: TaskRecord, live: LiveTask, rest: Promise<Outcome>): Promise<void> {
    const { call } = live;
    const observed = taskCall(call);
    observed.onEnded((reason) => call.abort(reason));
    const expiry = setTimeout(() => call.abort(new CancelledError('The task outlived its time.')), task.ttlMs).unref();
    const settled = rest.finally(() => {
      clearTimeout(expiry);
      live.end();
    });
    const outcome = await observedEnd(observed, settled, this.observers.all, this.#logger);
    await settled;
    const ending = { era: this.eras.modern, results: this.results, logger: this.#logger };
    const end = endOf(outcome, call, ending);
    await this.#saveEnd(task, end);
    this.#live.delete(task.taskId);
    this.#ended(end.status);
  }

  /** Tries until the store has it: the work was done, and is not done again. */
  async #saveEnd({ taskId, createdAt, ttlMs }: TaskRecord, end: Partial<TaskRecord>): Promise<void> {
    const expires = Date.parse(createdAt) + ttlMs;
    for (;;) {
      try {
        await this.#update(taskId, end);
        return;
      } catch {
        if (this.#closing || Date.now() > expires) return;
        await delay(SAVE_AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  async #giveUp(taskId: string): Promise<void> {
    const task = await this.store.update(taskId, ABANDONED);
    if (task === undefined) return;
    this.#abandoned.add(1);
    this.#logger.warn({ msg: 'a task was given up: its process has gone', taskId, tool: task.tool });
    this.changes.publish({ kind: 'task', taskId });
  }

  async #look(taskId: string): Promise<void> {
    try {
      const task = await this.store.find(taskId);
      if (task !== undefined) this.#live.get(taskId)?.see(task);
    } catch (error) {
      this.#failed(taskId, error);
    }
  }

  /** @throws the store's error, counted and logged */
  async #update(taskId: string, change: TaskChange): Promise<TaskRecord | undefined> {
    try {
      const task = await this.store.update(taskId, change);
      if (task !== undefined) this.changes.publish({ kind: 'task', taskId });
      return task;
    } catch (error) {
      this.#failed(taskId, error);
      throw error;
    }
  }

  #failed(taskId: string, error: unknown): void {
    this.#unsaved.add(1);
    this.#logger.error({ msg: 'a task could not be brought to the store', taskId, err: redactError(error) });
  }
}

/** Whether the client said with its request that it understands tasks. */
export function declaresTasks({ era, capabilities }: Exchange): boolean {
  const { extensions } = capabilities;
  return era.name === 'modern' && isObject(extensions) && isObject(extensions[TASKS_EXTENSION]);
}
