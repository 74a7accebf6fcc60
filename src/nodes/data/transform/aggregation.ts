import { z } from 'zod';
import { quoted } from '../duckdb/duck-db.js';
import { column } from '../rows.js';

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

/** The least or the greatest, as JavaScript compares; of none it is null. */
export function extreme(values: readonly unknown[], name: 'min' | 'max'): unknown {
  return values.reduce<unknown>((best, value) => {
    if (best === null) return value;
    const less = (value as string) < (best as string);
    return less === (name === 'min') ? value : best;
  }, null);
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

/** What is computed of a file, in DuckDB's SQL. */
export function aggregationSql(one: Aggregation): string {
  const { function: name, column: of } = one;
  const value = of === undefined ? '*' : quoted(of);
  const call = name === 'count_distinct' ? `count(DISTINCT ${value})` : `${FUNCTIONS[name]}(${value})`;
  // Of a file in which rows have no order of their own, the first and the last are those of the file.
  const filter = (name === 'first' || name === 'last') && of !== undefined ? ` FILTER (${value} IS NOT NULL)` : '';
  return `${call}${filter} AS ${quoted(resultName(one))}`;
}
