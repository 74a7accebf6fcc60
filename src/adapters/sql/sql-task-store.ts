import type { SqlConnections, SqlDatabase, SqlExecutor } from '../../core/index.js';
import { TaskStore, isFinal, type TaskRecord } from '../../mcp/index.js';
import type { Migration } from './migrations.js';

const TABLES = [
  `CREATE TABLE rookery_tasks (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    expires_at BIGINT NOT NULL
  )`,
  'CREATE INDEX rookery_tasks_expire ON rookery_tasks (expires_at)',
];

/** Tasks, as JSON. */
export const TASK_MIGRATION: Migration = { id: '0003-tasks', sql: { libsql: TABLES, postgres: TABLES } };

const FIND = 'SELECT record FROM rookery_tasks WHERE id = ? AND expires_at > ?';

/** Keeps tasks in the server's own database, so that any process finds the task that another one created. */
export class SqlTaskStore extends TaskStore {
  constructor(
    private readonly connections: SqlConnections,
    /** Of all processes together. */
    private readonly maxTasks: number,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override async create(task: TaskRecord): Promise<boolean> {
    const now = this.now();
    return await (
      await this.#database()
    ).transaction(async (executor) => {
      await executor.execute('DELETE FROM rookery_tasks WHERE expires_at <= ?', [now]);
      const { rows } = await executor.execute('SELECT COUNT(*) AS tasks FROM rookery_tasks');
      if (Number(rows[0]?.['tasks']) >= this.maxTasks) return false;
      await executor.execute('INSERT INTO rookery_tasks (id, record, expires_at) VALUES (?, ?, ?)', [
        task.taskId,
        JSON.stringify(task),
        now + task.ttlMs,
      ]);
      return true;
    });
  }

  override async find(taskId: string): Promise<TaskRecord | undefined> {
    return await this.#read(await this.#database(), taskId);
  }

  /** In one transaction, so that of two changes at once none is lost, and none comes after the end. */
  override async update(taskId: string, change: Partial<TaskRecord>): Promise<TaskRecord | undefined> {
    return await (
      await this.#database()
    ).transaction(async (executor) => {
      const task = await this.#read(executor, taskId);
      if (task === undefined || isFinal(task)) return undefined;
      const changed: TaskRecord = { ...task, ...change, lastUpdatedAt: new Date(this.now()).toISOString() };
      await executor.execute('UPDATE rookery_tasks SET record = ? WHERE id = ?', [JSON.stringify(changed), taskId]);
      return changed;
    });
  }

  async #read(executor: SqlExecutor, taskId: string): Promise<TaskRecord | undefined> {
    const { rows } = await executor.execute(FIND, [taskId, this.now()]);
    const record = rows[0]?.['record'];
    // Only this class writes the table.
    return typeof record === 'string' ? (JSON.parse(record) as TaskRecord) : undefined;
  }

  async #database(): Promise<SqlDatabase> {
    return await this.connections.get('store');
  }
}
