import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { z } from 'zod';
import { ChangeBus, principalKey, type Principal, type ServerChange } from '../../core/index.js';
import { CallRunner } from '../call-runner.js';
import { changeNotification } from '../changes.js';
import type { ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import { requireTasks } from '../extensions/tasks/task-methods.js';
import { TaskStore } from '../extensions/tasks/task-store.js';
import { watchEveryMs } from '../extensions/tasks/task-times.js';
import { TaskWatch } from '../extensions/tasks/task-watch.js';
import { taskMembers, type TaskRecord } from '../extensions/tasks/task.js';
import { McpOptions } from '../mcp.options.js';
import type { Method, MethodGroup } from '../method.js';
import { ProtocolError, ProtocolErrorCode, invalidParams, type Params, type RequestId } from '../wire.js';

/** What a client of the 2026 era may ask to hear of (S/basic/patterns/subscriptions). */
const filterSchema = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string()).max(1000).optional(),
  /** Of the tasks extension (SEP-2663). */
  taskIds: z.array(z.string()).max(1000).optional(),
});

type Filter = z.output<typeof filterSchema>;

/**
 * `subscriptions/listen`: changes, told to those who asked, for as long as they listen.
 *
 * What a bus carries to other processes is told there too. Registries are each process's own: that a list has changed in
 * one process is told by all, so what is registered while serving has to be registered in every process.
 */
@Injectable()
export class SubscriptionMethods implements MethodGroup, OnModuleDestroy {
  readonly capabilities = {};
  readonly methods: readonly Method[] = [
    {
      name: 'subscriptions/listen',
      eras: ['modern'],
      handle: (params, exchange, id) => this.#listen(params, exchange, id),
    },
  ];
  readonly #open = new Set<() => void>();
  readonly #watch: TaskWatch;
  #stopping = false;

  constructor(
    private readonly changes: ChangeBus,
    private readonly tasks: TaskStore,
    private readonly options: McpOptions,
    private readonly runner: CallRunner,
  ) {
    this.#watch = new TaskWatch(tasks, changes, watchEveryMs(options.tasks, changes));
  }

  /** Ends every subscription with its result, those too that were on their way, so that clients listen elsewhere. */
  onModuleDestroy(): void {
    this.#stopping = true;
    for (const end of this.#open) end();
  }

  async #listen(params: Params, exchange: Exchange, id: RequestId): Promise<ResultParts> {
    const filter = filterSchema.safeParse(params['notifications']);
    if (!filter.success) throw invalidParams('"notifications" must say what to listen to');
    if (this.#open.size >= this.options.maxSubscriptions) {
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'Subscription limit reached (server.maxSubscriptions)');
    }
    if (filter.data.taskIds !== undefined) requireTasks(exchange);
    const { taskIds = [], resourceSubscriptions = [] } = filter.data;
    const tasks = await this.#ownTasks(taskIds, exchange);
    const resources = await this.#permitted(resourceSubscriptions, params, exchange);
    const honored = honoredSubset(filter.data, resources, tasks);
    const stamp = { [SUBSCRIPTION_ID_META_KEY]: id };
    exchange.notify('notifications/subscriptions/acknowledged', { notifications: honored, _meta: stamp });
    const ended: ResultParts = { members: '', meta: JSON.stringify(stamp).slice(1, -1) };
    if (Object.keys(honored).length === 0 || this.#stopping) return ended;
    exchange.background = true;
    return new Promise((resolve) => {
      const unsubscribe = this.changes.subscribe((change) => {
        if (!accepts(honored, change)) return;
        const notification = changeNotification(change);
        if (notification !== undefined) exchange.notify(notification.method, { ...notification.params, _meta: stamp });
      });
      const unwatch =
        tasks.length === 0 ? undefined : this.#watch.watch(tasks, (task) => notifyTask(task, exchange, stamp));
      const expiry = whenCredentialEnds(exchange.principal, () => end());
      const end = (): void => {
        unsubscribe();
        unwatch?.();
        clearTimeout(expiry);
        this.#open.delete(end);
        resolve(ended);
      };
      this.#open.add(end);
      exchange.onCancel(end);
    });
  }

  /** Only tasks of the caller's own are told of; others are left out as if they did not exist. */
  async #ownTasks(taskIds: readonly string[], { principal }: Exchange): Promise<readonly TaskRecord[]> {
    const found = await Promise.all([...new Set(taskIds)].map((taskId) => this.tasks.find(taskId)));
    return found.flatMap((task) => (task !== undefined && task.principal === principalKey(principal) ? [task] : []));
  }

  /** Resources that the caller may subscribe to; others, and such as do not exist, are left out alike. */
  async #permitted(uris: readonly string[], params: Params, exchange: Exchange): Promise<readonly string[]> {
    const permitted: string[] = [];
    for (const uri of new Set(uris)) {
      const init = { kind: 'subscription', name: uri, input: undefined } as const;
      const code = await this.runner.run(init, params, exchange, (_call, outcome) => outcome.code);
      if (code === 'ok') permitted.push(uri);
    }
    return permitted;
  }
}

function notifyTask(task: TaskRecord, exchange: Exchange, stamp: Params): void {
  const params = JSON.parse(`{${taskMembers(task, true)}}`) as Params;
  exchange.notify('notifications/tasks', { ...params, _meta: stamp });
}

/** What was asked for and can be told: an empty wish is none. */
function honoredSubset(filter: Filter, resources: readonly string[], tasks: readonly TaskRecord[]): Filter {
  const { resourceSubscriptions: _uris, taskIds: _tasks, ...lists } = filter;
  const wished = Object.fromEntries(Object.entries(lists).filter(([, wanted]) => wanted === true));
  return {
    ...wished,
    ...(resources.length > 0 && { resourceSubscriptions: [...resources] }),
    ...(tasks.length > 0 && { taskIds: tasks.map(({ taskId }) => taskId) }),
  };
}

/** The longest time that a timer of Node can wait. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Nobody listens longer than the credential lasts with which it began. */
function whenCredentialEnds(principal: Principal | undefined, end: () => void): NodeJS.Timeout | undefined {
  if (principal?.expiresAt === undefined) return undefined;
  return setTimeout(end, Math.min(principal.expiresAt - Date.now(), LONGEST_TIMER_MS)).unref();
}

function accepts(filter: Filter, change: ServerChange): boolean {
  switch (change.kind) {
    case 'tools':
      return filter.toolsListChanged === true;
    case 'prompts':
      return filter.promptsListChanged === true;
    case 'resources':
      return filter.resourcesListChanged === true;
    case 'resource':
      return filter.resourceSubscriptions?.includes(change.uri) ?? false;
    default:
      // Tasks have a watch of their own.
      return false;
  }
}
