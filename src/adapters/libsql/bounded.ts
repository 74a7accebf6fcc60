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
 * expression, which is whole before its first row comes. It lies in SQLite's temporary files, whose size is bounded by
 * `maxRows` and the time alone; of it, `maxBytes` and one more row are read.
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
      // The driver is built to keep what is materialised in memory.
      await database.exec('PRAGMA temp_store = FILE');
      await database.exec(bounded.write ? 'PRAGMA foreign_keys = ON' : 'PRAGMA query_only = ON');
      // Alone it must be a statement already: nothing closes the parentheses that are put around it.
      const alone = await database.prepare(statement.sql);
      const isRows = ['SELECT', 'WITH', 'VALUES'].includes(statement.keyword) && !statement.writes;
      const columns = distinctNames(alone.columns().map(({ name }) => name));
      const whole = isRows ? await database.prepare(materialised(statement.sql, columns.length, bounded)) : alone;
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

/** The driver fetches 100 rows at once. What they have in the database may be more than their JSON, but not so much. */
const STORED_OVERHEAD = 4;

/** Ends with the row that is too much, so that no more than this row goes beyond the bytes that may be read. */
function materialised(sql: string, columns: number, { maxRows, maxBytes }: BoundedStatement): string {
  let end = sql.length;
  while (end > 0 && ENDING.has(sql.charAt(end - 1))) end--;
  const inner = sql.slice(0, end);
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  const list = names.join(', ');
  return [
    `WITH rookery_rows(${list}) AS MATERIALIZED (SELECT * FROM (\n${inner}\n) LIMIT ${maxRows + 1})`,
    `, rookery_sized AS (SELECT ${list}, ${sizeOf(names)} AS own FROM rookery_rows)`,
    `, rookery_before AS (SELECT ${list}, sum(own) OVER (ROWS UNBOUNDED PRECEDING) - own AS before FROM rookery_sized)`,
    `SELECT ${list} FROM rookery_before WHERE before <= ${maxBytes * STORED_OVERHEAD}`,
  ].join(' ');
}

/** Bytes of a row, as a sum that is no deeper than SQLite reads. */
function sizeOf(names: readonly string[]): string {
  if (names.length === 1) return `coalesce(octet_length(${names.join('')}), 0)`;
  const half = names.length >> 1;
  return `(${sizeOf(names.slice(0, half))} + ${sizeOf(names.slice(half))})`;
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
