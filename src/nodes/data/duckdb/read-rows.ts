import type { DuckDBResult } from '@duckdb/node-api';
import { ToolError } from '../../../core/index.js';
import type { DuckDbRun } from './duck-db.js';
import { jsonValue } from './json-values.js';

/** Rows as JSON, as many as there is room for. */
export interface RowsRead {
  readonly data: Record<string, unknown>[];
  readonly rows: number;
  readonly columns: { name: string; type: string }[];
  readonly truncated: boolean;
}

/** What bounds the rows of an answer. */
export interface RowBounds {
  readonly maxRows: number;
  /** Of the rows as JSON. */
  readonly maxBytes: number;
}

/**
 * Reads a result value by value, no further than there is room. What DuckDB has of it at once is a chunk, up to 2,048 rows
 * in its own memory; what is made of that here is at most `maxBytes` and the one value that was too much.
 */
export async function readRows(
  run: DuckDbRun,
  result: DuckDBResult,
  { maxRows, maxBytes }: RowBounds,
): Promise<RowsRead> {
  const names = result.deduplicatedColumnNames();
  const columns = names.map((name, index) => ({ name, type: String(result.columnType(index)) }));
  const data: Record<string, unknown>[] = [];
  const read = (truncated: boolean): RowsRead => ({ data, rows: data.length, columns, truncated });
  let bytes = 0;
  for (;;) {
    run.check();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return read(false);
    const vectors = names.map((_, index) => chunk.getColumnVector(index));
    for (let index = 0; index < chunk.rowCount; index++) {
      if (data.length >= maxRows) return read(true);
      const row: [name: string, value: unknown][] = [];
      for (const [column, name] of names.entries()) {
        const value = jsonValue(run.api, vectors[column]?.getItem(index) ?? null);
        bytes += Buffer.byteLength(JSON.stringify(value)) + Buffer.byteLength(name) + PUNCTUATION;
        if (bytes > maxBytes) {
          if (data.length === 0) throw new ToolError(`One row is more than ${maxBytes} bytes; ask for fewer columns.`);
          return read(true);
        }
        row.push([name, value]);
      }
      data.push(Object.fromEntries(row));
    }
  }
}

/** Quotes, colon and comma of a value in JSON. */
const PUNCTUATION = 4;
