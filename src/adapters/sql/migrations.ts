import { createHash } from 'node:crypto';
import type { SqlDatabase, SqlExecutor } from '../../core/index.js';

/** One change of the schema. Once released it stays as it is: what comes later is another one. */
export interface Migration {
  /** Unique; migrations run in the order of their ids. @example '0001-api-keys' */
  readonly id: string;
  /** The statements of each dialect, one by one. */
  readonly sql: { readonly libsql: readonly string[]; readonly postgres: readonly string[] };
}

/** What a start found and did. */
export interface MigrationReport {
  /** The ids that were run now. */
  readonly applied: readonly string[];
  /** The ids that the database has and this version does not know: a newer version has used it. */
  readonly unknown: readonly string[];
}

const HISTORY = `CREATE TABLE IF NOT EXISTS rookery_migrations (
  id TEXT PRIMARY KEY,
  checksum TEXT NOT NULL,
  applied_at BIGINT NOT NULL
)`;

/**
 * Brings a database to the schema of this version: what was not run yet runs, all of it in one transaction.
 *
 * Processes that start at once wait for each other: the transaction has the write lock of the database, and each looks
 * at what was done once it has it.
 *
 * @throws Error when a migration that was run is not what it was; nothing is changed then.
 */
export async function migrate(
  database: SqlDatabase,
  migrations: readonly Migration[],
  now: () => number = Date.now,
): Promise<MigrationReport> {
  const ordered = inOrder(migrations);
  return await database.transaction(async (executor) => {
    await executor.execute(HISTORY);
    const history = await readHistory(executor);
    const applied: string[] = [];
    for (const migration of ordered) {
      const statements = migration.sql[executor.dialect];
      const checksum = checksumOf(statements);
      const known = history.get(migration.id);
      if (known === checksum) continue;
      if (known !== undefined) throw changed(migration.id);
      for (const statement of statements) await executor.execute(statement);
      await executor.execute('INSERT INTO rookery_migrations (id, checksum, applied_at) VALUES (?, ?, ?)', [
        migration.id,
        checksum,
        now(),
      ]);
      applied.push(migration.id);
    }
    const ids = new Set(ordered.map(({ id }) => id));
    return { applied, unknown: [...history.keys()].filter((id) => !ids.has(id)) };
  });
}

/** @throws Error naming an id that two migrations have. */
function inOrder(migrations: readonly Migration[]): readonly Migration[] {
  const ordered = migrations.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const twice = ordered.find(({ id }, index) => ordered[index + 1]?.id === id);
  if (twice !== undefined) throw new Error(`Two migrations have the id ${twice.id}: give one of them another.`);
  return ordered;
}

async function readHistory(executor: SqlExecutor): Promise<ReadonlyMap<string, string>> {
  const { rows } = await executor.execute('SELECT id, checksum FROM rookery_migrations ORDER BY id');
  return new Map(rows.map(({ id, checksum }) => [String(id), String(checksum)]));
}

function checksumOf(statements: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(statements)).digest('hex');
}

function changed(id: string): Error {
  return new Error(
    `The migration ${id} was changed after this database had run it, so its schema may not be what this version expects. ` +
      'Run the version that the database was made with, or restore the migration and put the change into a new one.',
  );
}
