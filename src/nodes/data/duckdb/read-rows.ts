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

/** Reads a result, chunk by chunk, no further than there is room. */
export async function readRows(run: DuckDbRun, result: DuckDBResult, { maxRows, maxBytes }: RowBounds): Promise<RowsRead> {
  const names = result.deduplicatedColumnNames();
  const columns = names.map((name, index) => ({ name, type: String(result.columnType(index)) }));
  const data: Record<string, unknown>[] = [];
  let bytes = 0;
  for (;;) {
    run.check();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return { data, rows: data.length, columns, truncated: false };
    for (const values of chunk.getRows()) {
      if (data.length >= maxRows) return { data, rows: data.length, columns, truncated: true };
      const row = Object.fromEntries(names.map((name, index) => [name, jsonValue(run.api, values[index] ?? null)]));
      bytes += JSON.stringify(row).length;
      if (bytes > maxBytes) {
        if (data.length === 0) throw new ToolError(`One row is more than ${maxBytes} bytes; ask for fewer columns.`);
        return { data, rows: data.length, columns, truncated: true };
      }
      data.push(row);
    }
  }
}
