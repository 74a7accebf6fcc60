import { z } from 'zod';
import { InvalidArgumentsError, type FileRoots } from '../../../core/index.js';
import type { DuckDb, DuckDbRun } from '../duckdb/duck-db.js';
import { explainFileError, fileSource, isConversionError } from '../duckdb/file-source.js';
import { filePath } from '../csv/csv-parameters.js';
import { column, rowsParameter } from '../rows.js';

/** Between the fields of a CSV file that is read by DuckDB, as a parameter. */
export const fileDelimiter = z
  .string()
  .regex(/^[^\r\n\0"]$/, 'must be one character')
  .optional()
  .describe('Of CSV. Default: a comma; of .tsv a tab.');

/** Rows, or a file of them, as parameters. */
export const tableInput = {
  data: rowsParameter.optional(),
  file_path: filePath
    .optional()
    .describe('A .csv, .parquet, .json or .jsonl file instead of `data`: of any size, it is not read into memory.'),
  delimiter: fileDelimiter,
  columns: z.array(column).min(1).max(1_000).optional().describe('The columns to look at. Default: all of numbers.'),
};

/** @throws InvalidArgumentsError for both or neither */
export function requireOne(node: string, data: unknown, path: unknown): void {
  if ((data === undefined) !== (path === undefined)) return;
  const message = 'either `data` or `file_path` is required, and not both';
  throw new InvalidArgumentsError([{ path: 'data', message }], `parameters of ${node}`);
}

/** Computes over a file by DuckDB. Where the first rows mislead about a type, all are looked at. */
export async function overFile<T>(
  { roots, duckDb, signal }: { readonly roots: FileRoots; readonly duckDb: DuckDb; readonly signal: AbortSignal },
  { path, delimiter }: { readonly path: string; readonly delimiter: string | undefined },
  work: (run: DuckDbRun, source: string) => Promise<T>,
): Promise<T> {
  const file = await roots.resolve(path, { for: 'read' });
  try {
    return await duckDb.run(signal, async (run) => {
      try {
        return await work(run, fileSource(file, { delimiter }));
      } catch (error) {
        run.check();
        if (!isConversionError(error)) throw error;
        return await work(run, fileSource(file, { delimiter, wholeSample: true }));
      }
    });
  } catch (error) {
    throw explainFileError(error, file.name);
  } finally {
    await file.close();
  }
}
