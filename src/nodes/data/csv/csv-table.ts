import { ToolError } from '../../../core/index.js';
import { columnNames, type RenamedColumn } from './column-names.js';
import { TypeInference, typed, type ColumnType } from './column-types.js';
import type { CsvRecord } from './csv-parser.js';

/** How rows become a table. */
export interface CsvTableOptions {
  /** How the file is named towards the caller. */
  readonly name: string;
  readonly headers: boolean;
  readonly skipEmptyRows: boolean;
  readonly infer: boolean;
  /** Texts that mean that there is nothing. */
  readonly nullValues: ReadonlySet<string>;
  /** Rows to pass over. */
  readonly skipRows: number;
  readonly maxRows: number;
  /** Of what is kept, roughly as JSON. */
  readonly maxBytes: number;
  readonly skipFaulty: boolean;
}

/** A column of the table that was read. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

type Value = string | number | boolean | null;

/** What was read. */
export interface CsvResult {
  readonly data: readonly (Readonly<Record<string, Value>> | readonly Value[])[];
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly truncated: boolean;
  readonly skipped_rows: number;
  readonly skipped: readonly { readonly line: number; readonly reason: string }[];
  readonly empty_rows: number;
  readonly renamed_columns: readonly RenamedColumn[];
}

/** Faulty rows that are told one by one; the others are counted. */
const TOLD_ROWS = 20;

/** Makes a table of rows, as long as there is room for them. */
export class CsvTable {
  #names: readonly string[] | undefined;
  #renamed: readonly RenamedColumn[] = [];
  #width: number | undefined;
  readonly #rows: (string | null)[][] = [];
  readonly #skipped: { line: number; reason: string }[] = [];
  #skippedRows = 0;
  #emptyRows = 0;
  #passed = 0;
  #bytes = 0;
  #truncated = false;

  constructor(private readonly options: CsvTableOptions) {}

  /** @returns whether there is room for more. @throws ToolError naming the line of a faulty row */
  add({ line, fields, fault }: CsvRecord): boolean {
    const { headers, maxRows, maxBytes, skipRows, skipEmptyRows, name } = this.options;
    if (fault !== undefined) {
      this.#faulty(line, fault);
      return true;
    }
    const empty = fields.every((field) => field === null || field === '');
    if (fields.length === 1 && empty && (skipEmptyRows || (headers && this.#names === undefined))) {
      this.#emptyRows++;
      return true;
    }
    if (headers && this.#names === undefined) {
      this.#head(fields);
      return true;
    }
    if (empty && skipEmptyRows) {
      this.#emptyRows++;
      return true;
    }
    const width = (this.#width ??= fields.length);
    const reason = faultOf(fields, width, empty);
    if (reason !== undefined) {
      this.#faulty(line, reason);
      return true;
    }
    if (this.#passed < skipRows) {
      this.#passed++;
      return true;
    }
    if (this.#rows.length >= maxRows) return this.#stop();
    this.#bytes += sizeOf(fields, this.#names);
    if (this.#bytes > maxBytes) {
      if (this.#rows.length === 0)
        throw new ToolError(`${name}, line ${line}: one row is more than ${maxBytes} bytes.`);
      return this.#stop();
    }
    this.#rows.push(this.#filled(fields, width));
    return true;
  }

  /** @throws ToolError when headers were promised and there is no row at all */
  finish(): CsvResult {
    const { headers, name, infer } = this.options;
    if (headers && this.#names === undefined && this.#skippedRows === 0) {
      throw new ToolError(
        `${name} has no row with headers; it is empty. For files without, set include_headers: false.`,
      );
    }
    const names = this.#names ?? Array.from({ length: this.#width ?? 0 }, (_, index) => `column_${index + 1}`);
    const types = names.map((_, index) => (infer ? this.#typeOf(index) : 'text'));
    return {
      data: this.#rows.map((row) => this.#valued(row, names, types)),
      rows: this.#rows.length,
      columns: names.map((column, index) => ({ name: column, type: types[index] as ColumnType })),
      truncated: this.#truncated,
      skipped_rows: this.#skippedRows,
      skipped: this.#skipped,
      empty_rows: this.#emptyRows,
      renamed_columns: this.#renamed,
    };
  }

  #head(fields: readonly (string | null)[]): void {
    const { names, renamed } = columnNames(fields);
    this.#names = names;
    this.#renamed = renamed;
    this.#width = names.length;
  }

  #stop(): boolean {
    this.#truncated = true;
    return false;
  }

  #faulty(line: number, reason: string): void {
    if (!this.options.skipFaulty) {
      const advice = 'Correct the file, or pass over such rows with on_error: "skip".';
      throw new ToolError(`${this.options.name}, line ${line}: the row ${reason}. ${advice}`, { line });
    }
    this.#skippedRows++;
    if (this.#skipped.length < TOLD_ROWS) this.#skipped.push({ line, reason });
  }

  /** An empty line is a row of nothings; texts that mean nothing are. */
  #filled(fields: readonly (string | null)[], width: number): (string | null)[] {
    const { nullValues } = this.options;
    const row = Array.from({ length: width }, (_, index) => fields[index] ?? null);
    if (nullValues.size === 0) return row;
    return row.map((field) => (field !== null && nullValues.has(field) ? null : field));
  }

  #typeOf(column: number): ColumnType {
    const inference = new TypeInference();
    for (const row of this.#rows) {
      inference.add(row[column] ?? null);
      if (inference.type === 'text') break;
    }
    return inference.type;
  }

  #valued(
    row: readonly (string | null)[],
    names: readonly string[],
    types: readonly ColumnType[],
  ): Readonly<Record<string, Value>> | readonly Value[] {
    const { infer, headers, nullValues } = this.options;
    const value = (field: string | null, index: number): Value => {
      if (infer) return typed(field, types[index] as ColumnType);
      return field ?? (nullValues.size > 0 ? null : '');
    };
    if (!headers) return row.map(value);
    const record: Record<string, Value> = {};
    for (let index = 0; index < names.length; index++)
      record[names[index] as string] = value(row[index] ?? null, index);
    return record;
  }
}

function faultOf(fields: readonly (string | null)[], width: number, empty: boolean): string | undefined {
  if (fields.some((field) => field?.includes('\0') === true)) return 'holds a NUL character; is the encoding right?';
  if (fields.length === width || (fields.length === 1 && empty)) return undefined;
  return `has ${fields.length} field${fields.length === 1 ? '' : 's'} where ${width} are expected`;
}

function sizeOf(fields: readonly (string | null)[], names: readonly string[] | undefined): number {
  let size = 2;
  for (let index = 0; index < fields.length; index++) {
    size += (fields[index]?.length ?? 4) + 3 + (names?.[index]?.length ?? 0) + 3;
  }
  return size;
}
