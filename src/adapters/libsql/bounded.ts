import type { BoundedResult, BoundedStatement } from '../../core/index.js';
import { BoundedRows, distinctNames, endedInTime, exactNumber, readBounded } from '../sql/bounded-statement.js';
import type { BoundValue } from '../sql/parameters.js';

/** What is used of the driver's asynchronous half, whose types say that it is synchronous. */
interface AsyncDatabase {
  prepare(sql: string): Promise<AsyncStatement>;
  exec(sql: string): Promise<void>;
  interrupt(): void;
  close(): void;
}

interface AsyncStatement {
  raw(on: boolean): this;
  safeIntegers(on: boolean): this;
  columns(): readonly { readonly name: string }[];
  iterate(values: readonly BoundValue[]): Promise<Iterable<readonly unknown[]>>;
}

const AGAIN_MS = 20;

/**
 * Runs a statement of somebody else on a connection of its own, which computes in another thread and can be interrupted.
 *
 * The driver computes only the first row there and the others in this thread: so what reads becomes a materialised table
 * expression, which is whole before its first row comes.
 */
export async function runBounded(
  file: string,
  busyTimeoutMs: number,
  bounded: BoundedStatement,
): Promise<BoundedResult> {
  const { statement, values } = readBounded(bounded);
  bounded.signal.throwIfAborted();
  const { default: Database } = (await import('libsql/promise')) as unknown as {
    default: new (path: string, options: object) => AsyncDatabase;
  };
  const database = new Database(file, { timeout: busyTimeoutMs });
  let again: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    database.interrupt();
    again ??= setInterval(() => database.interrupt(), AGAIN_MS).unref();
  };
  try {
    return await endedInTime(bounded, interrupt, async () => {
      await database.exec(bounded.write ? 'PRAGMA foreign_keys = ON' : 'PRAGMA query_only = ON');
      // Alone it must be a statement already: nothing closes the parentheses that are put around it.
      const alone = await database.prepare(statement.sql);
      const isRows = ['SELECT', 'WITH', 'VALUES'].includes(statement.keyword) && !statement.writes;
      const columns = distinctNames(alone.columns().map(({ name }) => name));
      const whole = isRows ? await database.prepare(materialised(statement.sql, bounded.maxRows)) : alone;
      const bound = values.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
      const rows = new BoundedRows(columns, bounded);
      // Only statements that give rows can be asked for them as lists.
      const given = columns.length === 0 ? whole : whole.raw(true).safeIntegers(true);
      for (const row of await given.iterate(bound)) if (!rows.add(row.map(jsonOf))) break;
      const changes = bounded.write && statement.writes ? await changesOf(database) : 0;
      return { columns, rows: rows.rows, changes, truncated: rows.truncated };
    });
  } finally {
    clearInterval(again);
    database.close();
  }
}

/** What a statement may end with. A pattern for it takes a time that grows with the square of the blanks before. */
const ENDING: ReadonlySet<string> = new Set([' ', '\t', '\n', '\r', '\f', '\v', ';']);

function materialised(sql: string, maxRows: number): string {
  let end = sql.length;
  while (end > 0 && ENDING.has(sql.charAt(end - 1))) end--;
  const inner = sql.slice(0, end);
  return `WITH rookery_rows AS MATERIALIZED (SELECT * FROM (\n${inner}\n) LIMIT ${maxRows + 1}) SELECT * FROM rookery_rows`;
}

async function changesOf(database: AsyncDatabase): Promise<number> {
  const statement = await database.prepare('SELECT changes()');
  for (const [count] of await statement.raw(true).iterate([])) return Number(count);
  return 0;
}

function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return exactNumber(value.toString());
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return value;
}
