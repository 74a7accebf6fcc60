import { Injectable } from '@nestjs/common';
import { isObject, principalKey } from '../../../core/index.js';
import type { ResultParts } from '../../eras/era.js';
import type { Exchange } from '../../exchange.js';
import type { Method, MethodGroup } from '../../method.js';
import { MISSING_CLIENT_CAPABILITY, ProtocolError, invalidParams, requireString, type Params } from '../../wire.js';
import { TaskRunner, declaresTasks } from './task-runner.js';
import { TaskStore } from './task-store.js';
import { TASKS_EXTENSION, taskMembers, type TaskRecord } from './task.js';

const ACKNOWLEDGED: ResultParts = { members: '' };

/** `tasks/get`, `tasks/update` and `tasks/cancel` (SEP-2663). */
@Injectable()
export class TaskMethods implements MethodGroup {
  readonly capabilities = {};
  readonly extensions = { [TASKS_EXTENSION]: {} };
  readonly methods: readonly Method[] = [
    { name: 'tasks/get', eras: ['modern'], handle: (params, exchange) => this.#get(params, exchange) },
    { name: 'tasks/update', eras: ['modern'], handle: (params, exchange) => this.#update(params, exchange) },
    { name: 'tasks/cancel', eras: ['modern'], handle: (params, exchange) => this.#cancel(params, exchange) },
  ];

  constructor(
    private readonly store: TaskStore,
    private readonly runner: TaskRunner,
  ) {}

  async #get(params: Params, exchange: Exchange): Promise<ResultParts> {
    return { members: taskMembers(await this.#find(params, exchange), true) };
  }

  async #update(params: Params, exchange: Exchange): Promise<ResultParts> {
    const { taskId } = await this.#find(params, exchange);
    const { inputResponses } = params;
    if (!isObject(inputResponses)) throw invalidParams('"inputResponses" must be an object');
    await this.runner.answer(taskId, inputResponses);
    return ACKNOWLEDGED;
  }

  async #cancel(params: Params, exchange: Exchange): Promise<ResultParts> {
    const { taskId } = await this.#find(params, exchange);
    await this.runner.cancel(taskId);
    return ACKNOWLEDGED;
  }

  /** The caller's own task; another's answers like one that never was. */
  async #find(params: Params, exchange: Exchange): Promise<TaskRecord> {
    requireTasks(exchange);
    const task = await this.store.find(requireString(params, 'taskId'));
    if (task === undefined || task.principal !== principalKey(exchange.principal)) {
      throw invalidParams('"taskId" is not a task of yours, or its time is over');
    }
    return task;
  }
}

/** @throws ProtocolError −32021 when the client did not declare the extension with this request. */
export function requireTasks(exchange: Exchange): void {
  if (declaresTasks(exchange)) return;
  const requiredCapabilities = { extensions: { [TASKS_EXTENSION]: {} } };
  throw new ProtocolError(MISSING_CLIENT_CAPABILITY, `This request needs a client that declares ${TASKS_EXTENSION}.`, {
    requiredCapabilities,
  });
}
