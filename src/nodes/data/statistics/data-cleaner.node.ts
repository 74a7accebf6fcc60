import { z } from 'zod';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { columnsOf, isMissing, limitRows, rowsOutput, rowsParameter, valueOf, type Row } from '../rows.js';
import { kindsOf, numbersOf } from './columns.js';
import { meanOf } from './moments.js';

const parameters = z.strictObject({ data: rowsParameter });

const output = z.strictObject({
  cleaned_data: rowsOutput,
  cleaning_summary: z.strictObject({
    original_rows: z.int(),
    cleaned_rows: z.int(),
    duplicates_removed: z.int(),
    columns_processed: z.int(),
    values_filled: z.int(),
  }),
});

type Output = z.output<typeof output>;

/**
 * The guide's cleaner: rows that are there twice are removed, missing numbers become the mean of their column, missing
 * texts the most frequent one (of several the first in the alphabet). A column without any value stays as it is, and so
 * does a table without texts, at which the guide's own code fails.
 */
@WorkflowNode({
  category: 'transform',
  description: 'Remove duplicate rows and fill missing values: numbers by the mean, texts by the most frequent.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'a gap',
      parameters: {
        data: [
          { n: 1, s: 'a' },
          { n: null, s: 'a' },
          { n: 3, s: null },
        ],
      },
    },
  ],
})
export class DataCleanerNode extends Node<z.output<typeof parameters>, Output> {
  constructor(private readonly settings: DataSettings) {
    super();
  }

  override run({ data }: z.output<typeof parameters>): Output {
    limitRows(data, this.settings.options.maxRows);
    const names = columnsOf(data);
    const seen = new Set<string>();
    const unique = data.filter((row) => {
      const key = keyOf(row, names);
      return !seen.has(key) && seen.add(key);
    });
    const { numeric, categorical, boolean } = kindsOf(unique);
    const fillings = new Map<string, unknown>();
    for (const name of numeric) {
      const values = numbersOf(unique, name);
      if (values.length > 0) fillings.set(name, meanOf(values));
    }
    for (const name of [...categorical, ...boolean]) fillings.set(name, mostFrequent(unique, name));
    let filled = 0;
    const cleaned = unique.map((row) =>
      Object.fromEntries(
        names.map((name) => {
          const value = valueOf(row, name);
          if (!isMissing(value) || !fillings.has(name)) return [name, value ?? null];
          filled++;
          return [name, fillings.get(name)];
        }),
      ),
    );
    return {
      cleaned_data: cleaned,
      cleaning_summary: {
        original_rows: data.length,
        cleaned_rows: cleaned.length,
        duplicates_removed: data.length - cleaned.length,
        columns_processed: names.length,
        values_filled: filled,
      },
    };
  }
}

/** Rows with the same values have the same; a missing value equals a missing one. */
function keyOf(row: Row, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => valueOf(row, name) ?? null));
}

function mostFrequent(rows: readonly Row[], name: string): unknown {
  const counts = new Map<string, { value: unknown; count: number }>();
  for (const row of rows) {
    const value = valueOf(row, name);
    if (isMissing(value)) continue;
    const key = JSON.stringify(value);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { value, count: 1 });
    else known.count++;
  }
  const ordered = [...counts].toSorted(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
  return ordered[0]?.[1].value ?? null;
}
