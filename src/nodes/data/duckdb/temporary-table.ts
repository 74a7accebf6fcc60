import { setImmediate } from 'node:timers/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import { ToolError } from '../../../core/index.js';
import type { Row } from '../rows.js';
import { quoted, type DuckDbRun } from './duck-db.js';

/** A column of a temporary table, and what a row has in it. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'BLOB' | 'BOOLEAN' | 'DOUBLE' | 'INTEGER' | 'TINYINT' | 'VARCHAR';
  readonly of: (row: Row, position: number) => DuckDBValue;
}

/** Rows for a temporary table; the columns of all parts have the same names and types. */
export interface TablePart {
  readonly rows: readonly Row[];
  readonly columns: readonly TableColumn[];
}

/** The most that a chunk of DuckDB holds. */
const CHUNK_ROWS = 2_048;

/** The position of a row among those of its part. */
export const positionColumn: TableColumn = { name: 'row', type: 'INTEGER', of: (_, position) => position };

/** Makes a table that is gone with the connection of the run, and puts rows into it. */
export async function fillTable(run: DuckDbRun, table: string, parts: readonly TablePart[]): Promise<void> {
  const columns = (parts[0]?.columns ?? []).map(({ name, type }) => `${quoted(name)} ${type}`);
  await run.connection.run(`CREATE TEMP TABLE ${quoted(table)} (${columns.join(', ')})`);
  const appender = await run.connection.createAppender(table, 'main', 'temp');
  try {
    for (const part of parts) {
      const types = part.columns.map(({ type }) => run.api[type]);
      for await (const [from, to] of turns(run, part.rows.length)) {
        const rows = part.rows.slice(from, to);
        const chunk = run.api.DuckDBDataChunk.create(types, rows.length);
        chunk.setColumns(part.columns.map(({ of }) => rows.map((row, at) => of(row, from + at))));
        appender.appendDataChunk(chunk);
      }
    }
  } finally {
    appender.closeSync();
  }
  run.check();
}

/** Ranges of so many positions, in chunks: between them others get their turn, and an abort is heard. */
export async function* turns(run: DuckDbRun, count: number): AsyncGenerator<readonly [from: number, to: number]> {
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    if (from > 0) await setImmediate();
    run.check();
    yield [from, Math.min(from + CHUNK_ROWS, count)];
  }
}

/**
 * The rows of a statement, as many at once as DuckDB has in a chunk. No stream: one that is left early would keep the
 * engine's memory until it is collected.
 */
export async function* chunksOf(run: DuckDbRun, sql: string): AsyncGenerator<DuckDBValue[][]> {
  const result = await run.connection.run(sql);
  for (;;) {
    run.check();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const vectors = Array.from({ length: result.columnCount }, (_, index) => chunk.getColumnVector(index));
    yield Array.from({ length: chunk.rowCount }, (_, at) => vectors.map((vector) => vector.getItem(at)));
  }
}

/** An appender says it without the name of the error. */
const NO_MEMORY = /Out of Memory Error|failed to (?:pin|offload|allocate)|could not allocate/i;

/** What DuckDB refused, for the caller, where it was too much for `nodes.data.duckdb`. Other errors are given back. */
export function explainNoMemory(thrown: unknown, what: string, advice: string): unknown {
  if (!(thrown instanceof Error) || thrown.constructor !== Error || !NO_MEMORY.test(thrown.message)) return thrown;
  const message = `The ${what} needs more memory than is allowed (nodes.data.duckdb); ${advice}.`;
  return new ToolError(message, undefined, { cause: thrown });
}
