import { z } from 'zod';
import { InvalidArgumentsError, closest } from '../../core/index.js';

/** A row of a table: values by column. */
export type Row = Readonly<Record<string, unknown>>;

/** The rows that a node is given, as a parameter. */
export const rowsParameter = z
  .array(z.record(z.string(), z.unknown()))
  .describe('The rows: values by column, as the output `data` of a reader.');

/** The rows that a node gives. */
export const rowsOutput = z.array(z.unknown()).describe('The rows: values by column.');

/** The name of a column, as a parameter. */
export const column = z.string().min(1).max(1_000);

/** Whether there is nothing: not there, null, NaN. */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value));
}

/** The value of a row's own column; whatever objects have by birth is none. */
export function valueOf(row: Row, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

/** All columns, in the order in which rows first have them. */
export function columnsOf(rows: readonly Row[]): readonly string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

/**
 * Refuses names that no row has: a misspelled column is no column without values.
 *
 * @throws InvalidArgumentsError with what may have been meant
 */
export function requireColumns(rows: readonly Row[], wanted: readonly string[], parameter: string): void {
  if (rows.length === 0 || wanted.length === 0) return;
  const known = new Set(columnsOf(rows));
  const faults = wanted
    .filter((name) => !known.has(name))
    .map((name) => {
      const near = closest(name, known);
      const hint =
        near === undefined ? `the columns are: ${[...known].slice(0, 20).join(', ')}` : `did you mean "${near}"?`;
      return { path: parameter, message: `no row has the column "${name.slice(0, 64)}"; ${hint}` };
    });
  if (faults.length > 0) throw new InvalidArgumentsError(faults, 'parameters');
}

/** @throws InvalidArgumentsError for more rows than the server takes */
export function limitRows(rows: readonly unknown[], maxRows: number, parameter = 'data'): void {
  if (rows.length <= maxRows) return;
  const message = `has ${rows.length} rows, and at most ${maxRows} are taken (nodes.data.maxRows)`;
  throw new InvalidArgumentsError([{ path: parameter, message }], 'parameters');
}
