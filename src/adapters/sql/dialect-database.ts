import { AsyncLocalStorage } from 'node:async_hooks';
import type {
  BoundedResult,
  BoundedStatement,
  SqlDatabase,
  SqlExecutor,
  SqlResult,
  SqlValue,
} from '../../core/index.js';
import { bind, type BoundValue } from './parameters.js';
import { Statements, type Statement } from './statement.js';

/** A transaction as a driver has it. */
export interface OpenTransaction {
  run(statement: Statement, values: BoundValue[]): Promise<SqlResult>;
  /**
   * Makes it last, and gives the connection back.
   *
   * @throws the driver's error: nothing of it lasts then, unless the server went away before it could say that it does.
   */
  commit(): Promise<void>;
  /** Gives the connection back as if nothing had happened. Does not throw. */
  rollback(): Promise<void>;
}

/**
 * What libsql and PostgreSQL have in common, and where they would differ, so that a repository behaves the same on both:
 *
 * - Integers come as `number`, those beyond 2^53 as `bigint`; blobs as `Uint8Array`; booleans as 1 and 0; PostgreSQL's
 *   other types (times, JSON, uuid, …) as their text.
 * - `changes` counts rows inserted, updated or deleted, with or without `RETURNING`; it is 0 for everything else.
 * - A statement that fails ends its transaction, also when `work` catches the error: it is rolled back, and
 *   `transaction` rejects with that error.
 * - Using the database inside its own transaction would wait for itself, so it throws.
 */
export abstract class DialectDatabase implements SqlDatabase {
  abstract readonly dialect: 'libsql' | 'postgres';
  readonly #statements = new Statements();
  readonly #inside = new AsyncLocalStorage<TransactionExecutor>();

  /** Runs one statement on its own. */
  protected abstract run(statement: Statement, values: BoundValue[]): Promise<SqlResult>;
  /** Begins a transaction when no other one that writes is open, in whatever process. */
  protected abstract begin(): Promise<OpenTransaction>;
  abstract bounded(statement: BoundedStatement): Promise<BoundedResult>;
  /** Ends every connection, after what runs; not much later, whatever runs. Later calls are refused. */
  abstract close(): Promise<void>;

  async execute(sql: string, parameters: readonly SqlValue[] = []): Promise<SqlResult> {
    this.#assertOutside();
    const statement = this.#statements.read(sql);
    return await this.run(statement, bind(statement, parameters));
  }

  async transaction<T>(work: (executor: SqlExecutor) => Promise<T>): Promise<T> {
    this.#assertOutside();
    const open = await this.begin();
    const executor = new TransactionExecutor(this.dialect, open, this.#statements);
    try {
      const result = await this.#inside.run(executor, () => work(executor));
      await executor.finish();
      await open.commit();
      return result;
    } catch (error) {
      await executor.finish().catch(() => undefined);
      await open.rollback();
      throw error;
    }
  }

  async check(): Promise<void> {
    await this.execute('SELECT 1');
  }

  #assertOutside(): void {
    if (this.#inside.getStore()?.open === true) {
      throw new Error('The database was used inside its own transaction: use the executor that work was given.');
    }
  }
}

/** What the work of a transaction executes with: one statement after the other, until one fails or all is over. */
class TransactionExecutor implements SqlExecutor {
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  open = true;

  constructor(
    readonly dialect: 'libsql' | 'postgres',
    private readonly transaction: OpenTransaction,
    private readonly statements: Statements,
  ) {}

  async execute(sql: string, parameters: readonly SqlValue[] = []): Promise<SqlResult> {
    if (!this.open) throw new Error('The transaction is over: await every statement inside its work.');
    const result = this.#last.then(() => this.#run(sql, parameters));
    this.#last = result.catch(() => undefined);
    return await result;
  }

  /** Waits for what was not awaited. @throws what failed. */
  async finish(): Promise<void> {
    this.open = false;
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #run(sql: string, parameters: readonly SqlValue[]): Promise<SqlResult> {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      const statement = this.statements.read(sql);
      return await this.transaction.run(statement, bind(statement, parameters));
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
