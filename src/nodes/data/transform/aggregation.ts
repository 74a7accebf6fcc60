import { z } from 'zod';
import { ToolError } from '../../../core/index.js';
import { quoted } from '../duckdb/duck-db.js';
import { column, isMissing, valueOf, type Row } from '../rows.js';
import { describe } from '../statistics/moments.js';

/** What is computed of each group, as a parameter. */
export const aggregations = z
  .array(
    z.strictObject({
      function: z.enum(['count', 'count_distinct', 'sum', 'mean', 'median', 'std', 'min', 'max', 'first', 'last']),
      column: column.optional().describe('Of which column; `count` without one counts rows.'),
      as: column.optional().describe('The name of the result. Default: `sum_price`.'),
    }),
  )
  .min(1)
  .max(100)
  .describe('What is computed of each group: `{ function, column, as }`.');

/** See {@link aggregations}. */
export type Aggregation = z.output<typeof aggregations>[number];

/** The column that a result gets. */
export function resultName({ function: name, column: of, as }: Aggregation): string {
  return as ?? (of === undefined ? name : `${name}_${of}`);
}

/** The result for a group of rows; missing values are left out, and of none it is null. */
export function aggregated(rows: readonly Row[], { function: name, column: of }: Aggregation): unknown {
  if (of === undefined) return rows.length;
  const values = rows.map((row) => valueOf(row, of)).filter((value) => !isMissing(value));
  switch (name) {
    case 'count':
      return values.length;
    case 'count_distinct':
      return new Set(values.map((value) => JSON.stringify(value))).size;
    case 'first':
      return values[0] ?? null;
    case 'last':
      return values.at(-1) ?? null;
    case 'min':
    case 'max':
      return extreme(values, name);
    default:
      return ofNumbers(values, name, of);
  }
}

function extreme(values: readonly unknown[], name: 'min' | 'max'): unknown {
  return values.reduce<unknown>((best, value) => {
    if (best === null) return value;
    const less = (value as string) < (best as string);
    return less === (name === 'min') ? value : best;
  }, null);
}

function ofNumbers(values: readonly unknown[], name: string, of: string): number | null {
  if (!values.every((value): value is number => typeof value === 'number')) {
    throw new ToolError(`${name} needs numbers, and "${of}" has other values; cast or filter them first.`);
  }
  const described = describe(values, 0);
  if (name === 'sum') return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  if (name === 'mean') return described.mean;
  return name === 'median' ? described.median : described.std;
}

const FUNCTIONS: Readonly<Record<Aggregation['function'], string>> = {
  count: 'count',
  count_distinct: 'count_distinct',
  sum: 'sum',
  mean: 'avg',
  median: 'median',
  std: 'stddev_samp',
  min: 'min',
  max: 'max',
  first: 'first',
  last: 'last',
};

/** The same in DuckDB's SQL. */
export function aggregationSql(one: Aggregation): string {
  const { function: name, column: of } = one;
  const value = of === undefined ? '*' : quoted(of);
  const call = name === 'count_distinct' ? `count(DISTINCT ${value})` : `${FUNCTIONS[name]}(${value})`;
  // Of a file in which rows have no order of their own, the first and the last are those of the file.
  const filter = (name === 'first' || name === 'last') && of !== undefined ? ` FILTER (${value} IS NOT NULL)` : '';
  return `${call}${filter} AS ${quoted(resultName(one))}`;
}
