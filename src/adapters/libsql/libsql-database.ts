import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError, type BoundedResult, type BoundedStatement, type SqlResult } from '../../core/index.js';
import { DialectDatabase, type OpenTransaction } from '../sql/dialect-database.js';
import type { BoundValue } from '../sql/parameters.js';
import type { Statement } from '../sql/statement.js';
import { runBounded } from './bounded.js';
import { isBusy, type LibsqlConnection } from './libsql-connection.js';
import { Turn } from './turn.js';

const LONGEST_PAUSE_MS = 25;

/**
 * A database in a file, or in memory.
 *
 * Writers are alone, in this process by turns and among processes by the file's lock; waiting for either does not hold up
 * the event loop. Everything goes over one connection, so what is executed during a transaction waits for its end.
 */
export class LibsqlDatabase extends DialectDatabase {
  readonly dialect = 'libsql';
  readonly #turn = new Turn();
  #closed = false;

  constructor(
    private readonly connection: LibsqlConnection,
    /** How long anything waits for other writers. */
    private readonly busyTimeoutMs: number,
    /** Of the file; `undefined` for what is in memory. */
    private readonly file?: string,
  ) {
    super();
  }

  protected override async run(statement: Statement, values: BoundValue[]): Promise<SqlResult> {
    let result: SqlResult | undefined;
    const done = await this.#patiently(() => {
      result = statement.writes ? this.#write(statement, values) : this.#execute(statement, values);
    });
    done();
    return result ?? { rows: [], changes: 0 };
  }

  protected override async begin(): Promise<OpenTransaction> {
    const done = await this.#patiently(() => this.connection.begin());
    return {
      run: async (statement, values) => await Promise.resolve(this.#execute(statement, values)),
      commit: async () => {
        this.connection.commit();
        await Promise.resolve(done());
      },
      rollback: async () => {
        this.#rollback();
        await Promise.resolve(done());
      },
    };
  }

  override async bounded(statement: BoundedStatement): Promise<BoundedResult> {
    if (this.#closed) throw new Error('The database is closed.');
    if (this.file !== undefined) return await runBounded(this.file, this.busyTimeoutMs, statement);
    throw new ToolError('A database in memory has one connection, on which no statement can be ended. Use a file.');
  }

  override async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // A transaction that does not end in time is rolled back.
    const done = await this.#turn.take(this.busyTimeoutMs).catch(() => undefined);
    this.connection.end();
    done?.();
  }

  /**
   * Does it when it is this caller's turn and no other process writes, and returns how to give the turn back. Between two
   * attempts others get theirs: readers need not wait for a lock that only writers want.
   */
  async #patiently(attempt: () => void): Promise<() => void> {
    const deadline = performance.now() + this.busyTimeoutMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const done = await this.#turn.take(Math.max(1, deadline - performance.now()));
      try {
        if (this.#closed) throw new Error('The database is closed.');
        attempt();
        return done;
      } catch (error) {
        done();
        if (!isBusy(error) || performance.now() >= deadline) throw error;
      }
      await sleep(pauseMs * (0.5 + Math.random()));
    }
  }

  #execute(statement: Statement, values: BoundValue[]): SqlResult {
    try {
      return this.connection.run(statement, values);
    } catch (error) {
      // What is in memory has one connection, which is never busy.
      if (isBusy(error)) this.connection.close();
      throw error;
    }
  }

  #write(statement: Statement, values: BoundValue[]): SqlResult {
    this.connection.begin();
    try {
      const result = this.#execute(statement, values);
      this.connection.commit();
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    try {
      this.connection.rollback();
    } catch {
      // Nothing was committed; a connection that cannot even say so is given up.
      this.connection.close();
    }
  }
}
