import type Libsql from 'libsql';
import type { SqlResult, SqlRow, SqlValue } from '../../core/index.js';
import type { BoundValue } from '../sql/parameters.js';
import type { Statement } from '../sql/statement.js';

/** The driver, as it is loaded. */
export type LibsqlDriver = typeof Libsql;

/** How a file is opened. */
export interface LibsqlSettings {
  /** A path, or `:memory:`. */
  readonly path: string;
  /** `full` waits for the disk at every commit, `normal` for the operating system only. */
  readonly synchronous: 'normal' | 'full';
}

const KEPT_STATEMENTS = 200;

/**
 * One connection of the driver, which is synchronous. It knows the driver's traps:
 *
 * - A prepared statement that met `SQLITE_BUSY` is not reset and keeps its snapshot: every later commit fails. So locks
 *   are taken by `exec`, which cleans up after itself, and what still happens drops the connection.
 * - Numbers are bound as REAL, so integers are bound as `bigint`.
 * - Blobs come as `ArrayBuffer`, and asking a closed connection anything may end the process.
 */
export class LibsqlConnection {
  #database: Libsql.Database | undefined;
  #ended = false;
  readonly #prepared = new Map<string, Libsql.Statement>();

  constructor(
    private readonly driver: LibsqlDriver,
    private readonly settings: LibsqlSettings,
  ) {}

  /** Takes the write lock. @throws a busy error when another connection has it. */
  begin(): void {
    this.#opened().exec('BEGIN IMMEDIATE');
  }

  commit(): void {
    this.#opened().exec('COMMIT');
  }

  /** The engine itself has rolled back after some errors (a full disk). */
  rollback(): void {
    if (this.#database?.inTransaction === true) this.#database.exec('ROLLBACK');
  }

  run({ sql, keyword, writes, returning }: Statement, values: BoundValue[]): SqlResult {
    const prepared = this.#prepare(sql);
    const bound = values.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
    if (writes && !returning) {
      const { changes } = prepared.run(bound);
      return { rows: [], changes: keyword === 'CREATE' || keyword === 'DROP' || keyword === 'ALTER' ? 0 : changes };
    }
    const rows = prepared.all(bound) as Record<string, unknown>[];
    for (const row of rows) for (const column of Object.keys(row)) row[column] = fromDriver(row[column]);
    return { rows: rows as SqlRow[], changes: returning ? rows.length : 0 };
  }

  /** Ends the connection with whatever a failed statement holds; what comes next opens another. */
  close(): void {
    this.#prepared.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  /** Ends the connection for good, with the transaction that may be open. */
  end(): void {
    this.#ended = true;
    this.close();
  }

  /** @throws a busy error while another process makes the same new file. */
  #opened(): Libsql.Database {
    if (this.#database !== undefined) return this.#database;
    if (this.#ended) throw new Error('The database is closed.');
    const { path, synchronous } = this.settings;
    // Waiting in the engine would stop the event loop, so it never waits there.
    const database = new this.driver(path, { timeout: 0 });
    try {
      database.defaultSafeIntegers(true);
      database.exec('PRAGMA foreign_keys = ON');
      database.exec(`PRAGMA synchronous = ${synchronous.toUpperCase()}`);
      // Readers and the writer don't wait for each other then; a commit survives the end of the process.
      database.exec('PRAGMA journal_mode = WAL');
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }

  #prepare(sql: string): Libsql.Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#opened().prepare(sql);
    const [oldest] = this.#prepared.keys();
    if (oldest !== undefined && this.#prepared.size >= KEPT_STATEMENTS) this.#prepared.delete(oldest);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

/** Whether it was a lock of another connection that was in the way. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_(BUSY|LOCKED)/.test(String(error.code));
}

function fromDriver(value: unknown): SqlValue {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value as SqlValue;
}
