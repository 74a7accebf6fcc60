import type { SqlConnections, SqlDatabase, SqlExecutor } from '../../core/index.js';
import { TaskStore, changedTask, isFinal, type TaskChange, type TaskRecord } from '../../mcp/index.js';
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

const LEASES = [
  // Without a lease is what has come to its end, and what a version without leases created.
  'ALTER TABLE rookery_tasks ADD COLUMN lease_until BIGINT',
  'CREATE INDEX rookery_tasks_lease ON rookery_tasks (lease_until)',
];

/** Until when somebody answers for a task. */
export const TASK_LEASE_MIGRATION: Migration = { id: '0005-task-leases', sql: { libsql: LEASES, postgres: LEASES } };

/** Tasks renewed by one statement; fewer are filled up, so that it is always the same statement. */
const RENEWED_AT_ONCE = 100;
const IDS = Array.from({ length: RENEWED_AT_ONCE }, () => '?').join(', ');
const RENEW = `UPDATE rookery_tasks SET lease_until = ? WHERE lease_until IS NOT NULL AND id IN (${IDS})`;
const FIND_RENEWED = `SELECT record FROM rookery_tasks WHERE expires_at > ? AND id IN (${IDS})`;
const ABANDONED = `SELECT id FROM rookery_tasks WHERE lease_until <= ? AND expires_at > ?
  ORDER BY lease_until LIMIT 1000`;

const FIND = 'SELECT record FROM rookery_tasks WHERE id = ? AND expires_at > ?';

/** Keeps tasks in the server's own database, so that any process finds the task that another one created. */
export class SqlTaskStore extends TaskStore {
  override readonly shared = true;

  constructor(
    private readonly connections: SqlConnections,
    /** Of all processes together. */
    private readonly maxTasks: number,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override async create(task: TaskRecord, leaseMs: number = task.ttlMs): Promise<boolean> {
    const now = this.now();
    return await (
      await this.#database()
    ).transaction(async (executor) => {
      await executor.execute('DELETE FROM rookery_tasks WHERE expires_at <= ?', [now]);
      const { rows } = await executor.execute('SELECT COUNT(*) AS tasks FROM rookery_tasks');
      if (Number(rows[0]?.['tasks']) >= this.maxTasks) return false;
      await executor.execute('INSERT INTO rookery_tasks (id, record, expires_at, lease_until) VALUES (?, ?, ?, ?)', [
        task.taskId,
        JSON.stringify(task),
        now + task.ttlMs,
        now + leaseMs,
      ]);
      return true;
    });
  }

  override async find(taskId: string): Promise<TaskRecord | undefined> {
    return await this.#read(await this.#database(), taskId);
  }

  /** In one transaction, so that of two changes at once none is lost, and none comes after the end. */
  override async update(taskId: string, change: TaskChange): Promise<TaskRecord | undefined> {
    return await (
      await this.#database()
    ).transaction(async (executor) => {
      const task = await this.#read(executor, taskId);
      if (task === undefined || isFinal(task)) return undefined;
      const changed = changedTask(task, change, this.now());
      if (changed === task) return task;
      const lease = isFinal(changed) ? ', lease_until = NULL' : '';
      await executor.execute(`UPDATE rookery_tasks SET record = ?${lease} WHERE id = ?`, [
        JSON.stringify(changed),
        taskId,
      ]);
      return changed;
    });
  }

  override async renew(taskIds: readonly string[], leaseMs: number): Promise<readonly TaskRecord[]> {
    const database = await this.#database();
    const now = this.now();
    const records: TaskRecord[] = [];
    for (let start = 0; start < taskIds.length; start += RENEWED_AT_ONCE) {
      const chunk = taskIds.slice(start, start + RENEWED_AT_ONCE);
      const ids = Array.from({ length: RENEWED_AT_ONCE }, (_, index) => chunk[index] ?? (chunk[0] as string));
      await database.execute(RENEW, [now + leaseMs, ...ids]);
      const { rows } = await database.execute(FIND_RENEWED, [now, ...ids]);
      for (const { record } of rows) records.push(JSON.parse(String(record)) as TaskRecord);
    }
    return records;
  }

  override async abandoned(): Promise<readonly string[]> {
    const now = this.now();
    const { rows } = await (await this.#database()).execute(ABANDONED, [now, now]);
    return rows.map(({ id }) => String(id));
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
