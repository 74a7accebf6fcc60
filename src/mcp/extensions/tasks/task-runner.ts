import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import {
  Call,
  CallObservers,
  CancelledError,
  ChangeBus,
  MissingClientCapabilityError,
  RookeryError,
  Suspension,
  isFailure,
  isObject,
  principalKey,
  type Outcome,
} from '../../../core/index.js';
import { Eras } from '../../eras/eras.js';
import type { Exchange, TaskHost } from '../../exchange.js';
import { McpOptions } from '../../mcp.options.js';
import { servedToolResult } from '../../tool-result.js';
import { failedToolResult } from '../../wire-map.js';
import { MISSING_CLIENT_CAPABILITY, type Params } from '../../wire.js';
import { LiveTask } from './live-task.js';
import { TaskStore } from './task-store.js';
import { TASKS_EXTENSION, type TaskRecord } from './task.js';

/** Lets calls go on as tasks, and brings their ends into the store. */
@Injectable()
export class TaskRunner implements TaskHost {
  readonly #live = new Map<string, LiveTask>();
  readonly #logger = new Logger('Tasks');

  constructor(
    private readonly store: TaskStore,
    private readonly changes: ChangeBus,
    private readonly observers: CallObservers,
    private readonly eras: Eras,
    private readonly options: McpOptions,
  ) {}

  /** The task of this id, when its handler runs here. */
  live(taskId: string): LiveTask | undefined {
    return this.#live.get(taskId);
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
    if (!(await this.store.create(task))) {
      throw new RookeryError(
        'overloaded',
        'The server keeps as many tasks as it allows (server.tasks.maxTasks); try later.',
        { retryAfter: 60 },
      );
    }
    const live = new LiveTask(task.taskId, call, (inputRequests) => this.#asks(task.taskId, inputRequests));
    this.#live.set(task.taskId, live);
    call.suspend(new Suspension('task', task, (rest) => void this.#follow(task, call, rest)));
    return live;
  }

  /** Ends a task at its client's wish. One that has ended stays as it is. */
  async cancel(taskId: string): Promise<void> {
    await this.#update(taskId, { status: 'cancelled', inputRequests: undefined });
    this.#live.get(taskId)?.call.abort(new CancelledError('The task was cancelled.'));
  }

  /** A word on how far it is, for those who poll. */
  reports(taskId: string, statusMessage: string): void {
    void this.#update(taskId, { statusMessage });
  }

  #asks(taskId: string, inputRequests: Params | undefined): void {
    void this.#update(taskId, { status: inputRequests === undefined ? 'working' : 'input_required', inputRequests });
  }

  async #follow(task: TaskRecord, call: Call, rest: Promise<Outcome>): Promise<void> {
    const observed = new Call({
      kind: 'task',
      name: task.tool,
      input: call.input,
      principal: call.principal,
      parent: call,
    });
    observed.bind(call.target, call.input);
    observed.signal.addEventListener('abort', () => call.abort(observed.signal.reason));
    const observers = this.observers.all;
    observers.forEach((observer) => observer.start?.(observed));
    const expiry = setTimeout(() => call.abort(new CancelledError('The task outlived its time.')), task.ttlMs).unref();
    const outcome = await rest;
    clearTimeout(expiry);
    this.#live.delete(task.taskId);
    await this.#update(task.taskId, this.#end(outcome, call));
    for (const observer of observers) await observer.end?.(observed, outcome);
  }

  /** Failures of a tool are results; only errors of the protocol fail a task. */
  #end(outcome: Outcome, call: Call): Partial<TaskRecord> {
    const ended = { inputRequests: undefined };
    if (outcome.code === 'cancelled') return { ...ended, status: 'cancelled' };
    if (isFailure(outcome) && outcome.error instanceof MissingClientCapabilityError) {
      const { message, requiredCapabilities } = outcome.error;
      return {
        ...ended,
        status: 'failed',
        error: { code: MISSING_CLIENT_CAPABILITY, message, data: { requiredCapabilities } },
      };
    }
    const { members, meta } = isFailure(outcome)
      ? failedToolResult(outcome.error)
      : servedToolResult(outcome.value, call, this.eras.modern, this.#logger);
    const metadata = meta === undefined ? '' : `,"_meta":{${meta}}`;
    return { ...ended, status: 'completed', result: `{"resultType":"complete",${members}${metadata}}` };
  }

  async #update(taskId: string, change: Partial<TaskRecord>): Promise<void> {
    try {
      if ((await this.store.update(taskId, change)) !== undefined) this.changes.publish({ kind: 'task', taskId });
    } catch (error) {
      this.#logger.error({ msg: 'a task could not be updated', taskId, err: error as Error });
    }
  }
}

/** Whether the client said with its request that it understands tasks. */
export function declaresTasks({ era, capabilities }: Exchange): boolean {
  const { extensions } = capabilities;
  return era.name === 'modern' && isObject(extensions) && isObject(extensions[TASKS_EXTENSION]);
}
