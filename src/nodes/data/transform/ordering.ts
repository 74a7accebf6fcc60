import { z } from 'zod';
import { column, isMissing, valueOf, type Row } from '../rows.js';

/** By what rows are ordered, as a parameter. */
export const ordering = z
  .array(z.strictObject({ column, direction: z.enum(['ascending', 'descending']).default('ascending') }))
  .min(1)
  .max(20)
  .describe('Columns, the first before the others. Missing values come last.');

/** See {@link ordering}. */
export type Ordering = z.output<typeof ordering>;

const KINDS = ['boolean', 'number', 'string', 'object'];

/** Rows in an order; equal ones as they were. Missing values come last, kinds of values one after the other. */
export function ordered(rows: readonly Row[], by: Ordering): Row[] {
  return rows.toSorted((one, other) => {
    for (const { column: name, direction } of by) {
      const [a, b] = [valueOf(one, name), valueOf(other, name)];
      if (isMissing(a) || isMissing(b)) {
        if (isMissing(a) !== isMissing(b)) return isMissing(a) ? 1 : -1;
        continue;
      }
      const order = compared(a, b);
      if (order !== 0) return direction === 'ascending' ? order : -order;
    }
    return 0;
  });
}

function compared(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) return KINDS.indexOf(typeof a) - KINDS.indexOf(typeof b);
  const [one, other] = typeof a === 'object' ? [JSON.stringify(a), JSON.stringify(b)] : [a as string, b as string];
  return one < other ? -1 : one > other ? 1 : 0;
}
