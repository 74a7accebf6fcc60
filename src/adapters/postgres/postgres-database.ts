import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Pool, PoolClient, QueryResult } from 'pg';
import type { BoundedResult, BoundedStatement, SqlResult, SqlRow } from '../../core/index.js';
import { DialectDatabase, type OpenTransaction } from '../sql/dialect-database.js';
import type { BoundValue } from '../sql/parameters.js';
import type { Statement } from '../sql/statement.js';
import { runBounded } from './bounded.js';
import { Placeholders } from './placeholders.js';

/** The lock of this server's transactions: any number, as long as all its processes have the same. */
const WRITERS = 7_669_653_001;

/**
 * A database of a PostgreSQL server.
 *
 * Transactions wait for each other by an advisory lock of the database, so that they see what was committed before them
 * and read-then-write is safe, as with libsql. Statements outside of transactions don't take it: let them say in `WHERE`
 * what they rely on.
 */
export class PostgresDatabase extends DialectDatabase {
  readonly dialect = 'postgres';
  readonly #placeholders = new Placeholders();

  readonly #clients = new Set<PoolClient & Client>();

  constructor(
    private readonly pool: Pool,
    /** How long closing waits for what runs. */
    private readonly closeWithinMs: number,
  ) {
    super();
    pool.on('connect', (client) => void this.#clients.add(client as PoolClient & Client));
    pool.on('remove', (client) => void this.#clients.delete(client as PoolClient & Client));
  }

  protected override async run(statement: Statement, values: BoundValue[]): Promise<SqlResult> {
    const client = await this.pool.connect();
    return await this.#releasing(client, () => this.#query(client, statement, values));
  }

  protected override async begin(): Promise<OpenTransaction> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [WRITERS]);
    } catch (error) {
      client.release(true);
      throw error;
    }
    let gone = false;
    const noting = async <T>(query: Promise<T>): Promise<T> => {
      try {
        return await query;
      } catch (error) {
        gone ||= !isRefusal(error);
        throw error;
      }
    };
    return {
      run: async (statement, values) => await noting(this.#query(client, statement, values)),
      commit: async () => {
        await noting(client.query('COMMIT'));
        client.release();
      },
      rollback: async () => {
        // Without a connection there is nobody to ask, and nothing to undo: the server has done it.
        if (!gone) await noting(client.query('ROLLBACK')).catch(() => undefined);
        client.release(gone);
      },
    };
  }

  override async bounded(statement: BoundedStatement): Promise<BoundedResult> {
    return await runBounded(this.pool, statement);
  }

  override async close(): Promise<void> {
    if (this.pool.ending) return;
    const late = new AbortController();
    const ending = this.pool.end().finally(() => late.abort());
    await Promise.race([ending, this.#cutOff(late.signal)]);
  }

  /** Ends the connections of what does not end by itself; the server rolls it back. */
  async #cutOff(signal: AbortSignal): Promise<void> {
    await sleep(this.closeWithinMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    for (const client of this.#clients) void client.end().catch(() => undefined);
  }

  async #query(client: PoolClient, statement: Statement, values: BoundValue[]): Promise<SqlResult> {
    const result = await client.query<SqlRow>(this.#placeholders.of(statement), values);
    return { rows: result.rows, changes: statement.writes ? changesOf(result) : 0 };
  }

  /** A connection that failed for another reason than the statement is not used again. */
  async #releasing<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      client.release();
      return result;
    } catch (error) {
      client.release(!isRefusal(error));
      throw error;
    }
  }
}

/** Whether the server answered, with an error that leaves the connection usable (it has an SQLSTATE). */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && error.severity === 'ERROR';
}

function changesOf({ command, rowCount }: QueryResult): number {
  return command === 'INSERT' || command === 'UPDATE' || command === 'DELETE' || command === 'MERGE'
    ? (rowCount ?? 0)
    : 0;
}
