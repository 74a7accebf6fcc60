import { ToolError, type Call, type SqlDatabase } from '../../index.js';
import { fromColumn } from './column-values.js';
import { explainDatabaseError } from './database-errors.js';
import type { DatasetOptions, DatasetsOptions } from './datasets.options.js';
import type { DatasetParameters, DatasetRow } from './datasets.schema.js';
import { planDelete, planRead, planUpdate, type DatasetTable } from './plan.js';
import type { BoundStatement } from './statements.js';
import { readTable } from './table.js';
import { tookTooLong, withinTime } from './time-limit.js';

/** What bounds the operations. */
export type StoreLimits = Pick<DatasetsOptions, 'maxAffectedRows' | 'maxResultBytes' | 'statementTimeoutMs'>;

/** Rows of a dataset, and where the next ones begin. */
export interface DatasetPage {
  readonly rows: readonly DatasetRow[];
  readonly nextOffset: number | undefined;
}

/** The rows of one dataset. */
export class DatasetStore {
  private constructor(
    private readonly database: SqlDatabase,
    private readonly table: DatasetTable,
    private readonly limits: StoreLimits,
  ) {}

  /** Looks at the table, whose columns are taken to stay as they are. @throws Error saying what the configuration names and is not there */
  static async open(
    database: SqlDatabase,
    { table: name, keyColumn, columns }: DatasetOptions,
    limits: StoreLimits,
  ): Promise<DatasetStore> {
    const table = await readTable(database, name);
    if (table === undefined) throw new Error(`there is no table ${name}; create it, or name a seedFile`);
    const known = [...table.columns.keys()];
    const missing = [keyColumn, ...(columns ?? [])].filter((column) => !table.columns.has(column));
    if (missing.length > 0) {
      throw new Error(`the table ${name} has no column ${missing.join(', ')}; its columns are: ${known.join(', ')}`);
    }
    const writable = new Set((columns ?? known).filter((column) => column !== keyColumn));
    return new DatasetStore(database, { ...table, keyColumn, writable }, limits);
  }

  /**
   * Reads rows. Fewer than asked for come where they would be too much for one answer.
   *
   * @throws InvalidArgumentsError naming every fault; RookeryError `timeout`; ToolError when a single row is too much
   */
  async read(parameters: DatasetParameters, call: Call): Promise<DatasetPage> {
    const { sql, values, limit, offset } = planRead(this.table, parameters);
    const { rows } = await this.#explaining(() =>
      withinTime(this.limits.statementTimeoutMs, call, this.database.execute(sql, values)),
    );
    const converted: DatasetRow[] = [];
    let bytes = 0;
    for (const row of rows.slice(0, limit)) {
      const entries = Object.entries(row).map(
        ([column, value]) => [column, fromColumn(this.table.columns.get(column)?.kind, value)] as const,
      );
      const next = Object.fromEntries(entries);
      bytes += Buffer.byteLength(JSON.stringify(next));
      if (bytes > this.limits.maxResultBytes) break;
      converted.push(next);
    }
    if (converted.length === 0 && rows.length > 0) {
      throw new ToolError(`One row has more than ${this.limits.maxResultBytes} bytes; ask for fewer columns.`);
    }
    return { rows: converted, nextOffset: converted.length < rows.length ? offset + converted.length : undefined };
  }

  /**
   * Changes rows, all or none.
   *
   * @returns how many
   * @throws InvalidArgumentsError naming every fault; RookeryError `timeout`; ToolError when there are too many, or a rule
   * of the table refuses
   */
  async update(parameters: DatasetParameters, call: Call): Promise<number> {
    return this.#change(planUpdate(this.table, parameters), call);
  }

  /** Deletes rows, all or none. See {@link update}. */
  async delete(parameters: DatasetParameters, call: Call): Promise<number> {
    return this.#change(planDelete(this.table, parameters), call);
  }

  /**
   * What is too much, too late, or not wanted any more is undone before it lasts. A libsql statement can't be stopped while
   * it runs, so its time is judged at its end; PostgreSQL stops it.
   */
  async #change({ sql, values }: BoundStatement, call: Call): Promise<number> {
    const { maxAffectedRows, statementTimeoutMs } = this.limits;
    const work = this.database.transaction(async (executor) => {
      if (executor.dialect === 'postgres') {
        await executor.execute("SELECT set_config('statement_timeout', ?, true)", [String(statementTimeoutMs)]);
      }
      const start = performance.now();
      const { changes } = await executor.execute(sql, values);
      if (performance.now() - start > statementTimeoutMs) throw tookTooLong(statementTimeoutMs);
      if (changes > maxAffectedRows) {
        throw new ToolError(
          `This concerns ${changes} rows, and at most ${maxAffectedRows} may be changed at once. Nothing was changed.`,
        );
      }
      call.signal.throwIfAborted();
      return changes;
    });
    return this.#explaining(() => work);
  }

  async #explaining<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw explainDatabaseError(thrown, this.limits.statementTimeoutMs);
    }
  }
}
