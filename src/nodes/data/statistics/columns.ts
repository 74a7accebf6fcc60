import { columnsOf, isMissing, valueOf, type Row } from '../rows.js';

/** Columns by what their values are. */
export interface ColumnKinds {
  readonly numeric: readonly string[];
  /** With texts, or of more than one kind; pandas' `object`. */
  readonly categorical: readonly string[];
  readonly boolean: readonly string[];
}

/** Sorts columns by their values; one without any value is numeric, as in pandas. */
export function kindsOf(rows: readonly Row[]): ColumnKinds {
  const numeric: string[] = [];
  const categorical: string[] = [];
  const boolean: string[] = [];
  for (const name of columnsOf(rows)) {
    const kinds = new Set<string>();
    for (const row of rows) {
      const value = valueOf(row, name);
      if (!isMissing(value)) kinds.add(typeof value);
    }
    const isOne = kinds.size <= 1;
    if (isOne && (kinds.has('number') || kinds.size === 0)) numeric.push(name);
    else if (isOne && kinds.has('boolean')) boolean.push(name);
    else categorical.push(name);
  }
  return { numeric, categorical, boolean };
}

/** The numbers of a column; infinities count as missing, as no deviation is defined with them. */
export function numbersOf(rows: readonly Row[], name: string): number[] {
  return rows.map((row) => valueOf(row, name)).filter((value): value is number => Number.isFinite(value));
}
