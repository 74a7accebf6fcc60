import { ForbiddenError, ToolError, type FileRoots, type ReadableFile } from '../../../core/index.js';
import { quoted, type DuckDb, type DuckDbRun } from '../duckdb/duck-db.js';
import { explainFileError, fileSource, isConversionError } from '../duckdb/file-source.js';
import { readRows, type RowsRead } from '../duckdb/read-rows.js';
import type { ParameterValue } from './named-parameters.js';

/** A query over files. */
export interface DuckDbQuery {
  readonly sql: string;
  readonly values: readonly ParameterValue[];
  /** Name in the query → path of the file. */
  readonly tables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * Runs a caller's query over tables that were read from files, in a database of its own that reaches no file and no
 * network. The files are read before, as a path that the query may use could be read from the database's settings.
 */
export async function queryFiles(
  roots: FileRoots,
  duckDb: DuckDb,
  query: DuckDbQuery,
  signal: AbortSignal,
): Promise<RowsRead> {
  const files = new Map<string, ReadableFile>();
  try {
    for (const [name, path] of Object.entries(query.tables))
      files.set(name, await roots.resolve(path, { for: 'read' }));
    const fill = async (run: DuckDbRun): Promise<void> => {
      for (const [name, file] of files) await load(run, name, file);
    };
    return await duckDb.sealed(signal, query.timeoutSeconds, fill, (run) => select(run, query));
  } finally {
    for (const file of files.values()) await file.close();
  }
}

async function load(run: DuckDbRun, name: string, file: ReadableFile): Promise<void> {
  run.check();
  const create = async (wholeSample: boolean): Promise<unknown> =>
    await run.connection.run(`CREATE TABLE ${quoted(name)} AS SELECT * FROM ${fileSource(file, { wholeSample })}`);
  try {
    await create(false).catch(async (error: unknown) => {
      run.check();
      if (!isConversionError(error)) throw error;
      return await create(true);
    });
  } catch (error) {
    run.check();
    throw explainFileError(error, file.name);
  }
}

async function select(run: DuckDbRun, { sql, values, maxRows, maxBytes }: DuckDbQuery): Promise<RowsRead> {
  try {
    const statements = await run.connection.extractStatements(sql);
    if (statements.count !== 1) throw new ForbiddenError('More than one statement was given: run them one by one.');
    const prepared = await statements.prepare(0);
    try {
      if (prepared.statementType !== run.api.StatementType.SELECT) {
        throw new ForbiddenError('Only a query is run here: SELECT, or WITH … SELECT. Tables are given by `tables`.');
      }
      if (prepared.parameterCount !== values.length) {
        throw new ToolError(
          `The query has ${prepared.parameterCount} parameters (?), and ${values.length} values were given.`,
        );
      }
      for (const [index, value] of values.entries()) bindOne(prepared, index + 1, value);
      return await readRows(run, await prepared.stream(), { maxRows, maxBytes });
    } finally {
      prepared.destroySync();
    }
  } catch (error) {
    run.check();
    throw explained(error);
  }
}

interface Bindable {
  bindNull(index: number): void;
  bindVarchar(index: number, value: string): void;
  bindBoolean(index: number, value: boolean): void;
  bindBigInt(index: number, value: bigint): void;
  bindDouble(index: number, value: number): void;
}

function bindOne(prepared: Bindable, index: number, value: ParameterValue): void {
  if (value === null) prepared.bindNull(index);
  else if (typeof value === 'string') prepared.bindVarchar(index, value);
  else if (typeof value === 'boolean') prepared.bindBoolean(index, value);
  else if (Number.isSafeInteger(value)) prepared.bindBigInt(index, BigInt(value));
  else prepared.bindDouble(index, value);
}

/** DuckDB's first line says what is wrong with the query; nothing of this host is in that database. */
function explained(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown.constructor !== Error) return thrown;
  const [first = ''] = thrown.message.split('\n');
  if (first.startsWith('Permission Error')) {
    return new ForbiddenError('The query reaches for a file or a setting; give files by `tables`.', { cause: thrown });
  }
  return new ToolError(`DuckDB refused the query. ${first.slice(0, 300)}`, undefined, { cause: thrown });
}
