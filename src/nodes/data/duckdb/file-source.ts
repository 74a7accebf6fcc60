import { ToolError, type ReadableFile } from '../../../core/index.js';
import { literal } from './duck-db.js';

/** How a file of rows is written. */
export type FileFormat = 'csv' | 'parquet' | 'json';

/** What DuckDB has to know of a file. */
export interface FileSourceOptions {
  /** Of CSV. @default a comma; of .tsv a tab */
  readonly delimiter?: string | undefined;
  /** Of CSV. @default true: every type is found in all rows, not in the first 20,480 */
  readonly wholeSample?: boolean;
}

/** Bytes that each thread reads ahead, and of the longest line: DuckDB's own 32 MB cost a hundred megabytes in all. */
const BUFFERS = 'buffer_size=2097152, max_line_size=1048576';

/** The format that the ending of a name says. @throws ToolError for others, with those that there are */
export function formatOf(name: string): FileFormat {
  const ending = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (ending === 'csv' || ending === 'tsv' || ending === 'txt') return 'csv';
  if (ending === 'parquet') return 'parquet';
  if (ending === 'json' || ending === 'jsonl' || ending === 'ndjson') return 'json';
  throw new ToolError(`${name} is no table: expected a name that ends in .csv, .tsv, .parquet, .json or .jsonl.`);
}

/**
 * What stands after FROM to read a file that is open. Of CSV only the types are found by DuckDB: left to find more, it
 * takes an uneven table for one with a preamble, and gives what is behind it.
 */
export function fileSource(file: ReadableFile, { delimiter, wholeSample = false }: FileSourceOptions = {}): string {
  const path = literal(file.path);
  switch (formatOf(file.name)) {
    case 'parquet':
      return `read_parquet(${path})`;
    case 'json':
      return `read_json(${path}, sample_size=${wholeSample ? -1 : 20_480})`;
    default: {
      const delim = literal(delimiter ?? (/\.tsv$/i.test(file.name) ? '\t' : ','));
      const form = `delim=${delim}, quote='"', escape='"', header=true, skip=0, comment=''`;
      const rules = `strict_mode=true, null_padding=false, ignore_errors=false, ${BUFFERS}, sample_size=${wholeSample ? -1 : 20_480}`;
      return `read_csv(${path}, ${form}, ${rules})`;
    }
  }
}

/**
 * What DuckDB refused, for the caller: the line where it says one. Its own text holds paths of this host and values, and
 * goes no further than the log.
 */
export function explainFileError(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof Error) || thrown.constructor !== Error) return thrown;
  const { message } = thrown;
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const options = { cause: thrown };
  if (message.startsWith('Out of Memory')) {
    return new ToolError(
      `${name} needs more memory than is allowed (nodes.data.duckdb); choose columns, or fewer rows.`,
      undefined,
      options,
    );
  }
  if (!/^(Invalid Input|Conversion|IO|Parser|Binder|Invalid)( \w+)* Error/.test(message)) return thrown;
  const where = line === undefined ? '' : `, line ${line}`;
  const what = /csv/i.test(message)
    ? 'it is no even table: check delimiter, quotes and the number of fields'
    : 'it is not what its ending says';
  return new ToolError(
    `${name}${where} can not be read: ${what}.`,
    line === undefined ? undefined : { line: Number(line) },
    options,
  );
}

/** Whether a value did not have the type that the first rows had. */
export function isConversionError(thrown: unknown): boolean {
  return thrown instanceof Error && /Conversion Error|Could not convert|Error when converting/i.test(thrown.message);
}
