import { z } from 'zod';
import { column, isMissing, valueOf, type Row } from '../rows.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** How a value is compared with one other. */
export const COMPARISONS = [
  'equals',
  'not_equals',
  'less',
  'less_or_equal',
  'greater',
  'greater_or_equal',
  'contains',
  'starts_with',
  'ends_with',
] as const;

const comparison = z.strictObject({
  column,
  operator: z.enum(COMPARISONS),
  value: scalar,
});
const membership = z.strictObject({ column, operator: z.enum(['in', 'not_in']), values: z.array(scalar).max(10_000) });
const presence = z.strictObject({ column, operator: z.enum(['is_missing', 'is_present']) });
const simple = z.union([comparison, membership, presence]);

/** A comparison of a column with a value. */
export type SimpleCondition = z.output<typeof simple>;

/** What rows must fulfil; `all` and `any` hold conditions again, three deep. */
export type Condition =
  | SimpleCondition
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

function composed<T extends z.ZodType>(inner: T) {
  return z.union([
    simple,
    z.strictObject({ all: z.array(inner).min(1).max(50) }),
    z.strictObject({ any: z.array(inner).min(1).max(50) }),
    z.strictObject({ not: inner }),
  ]);
}

/** A condition as a parameter: data, never code. */
export const condition = composed(composed(composed(simple))).describe(
  'A comparison ({ column, operator, value }), or several in { all: [...] }, { any: [...] }, { not: ... }.',
);

/**
 * Whether a row fulfils a condition. Values of different types are not equal and not comparable: "10" is no number. A
 * missing value fulfils `is_missing`, `not_equals` and `not_in` only.
 */
export function fulfils(row: Row, wanted: Condition): boolean {
  if ('all' in wanted) return wanted.all.every((inner) => fulfils(row, inner));
  if ('any' in wanted) return wanted.any.some((inner) => fulfils(row, inner));
  if ('not' in wanted) return !fulfils(row, wanted.not);
  const value = valueOf(row, wanted.column);
  const missing = isMissing(value);
  switch (wanted.operator) {
    case 'is_missing':
      return missing;
    case 'is_present':
      return !missing;
    case 'in':
      return !missing && wanted.values.includes(value as string);
    case 'not_in':
      return missing || !wanted.values.includes(value as string);
    case 'equals':
      return value === wanted.value;
    case 'not_equals':
      return value !== wanted.value;
    default:
      return !missing && compares(value, wanted.operator, wanted.value);
  }
}

function compares(value: unknown, operator: string, wanted: string | number | boolean): boolean {
  if (typeof value !== typeof wanted) return false;
  const [one, other] = [value as string, wanted as string];
  switch (operator) {
    case 'less':
      return one < other;
    case 'less_or_equal':
      return one <= other;
    case 'greater':
      return one > other;
    case 'greater_or_equal':
      return one >= other;
  }
  if (typeof one !== 'string') return false;
  if (operator === 'contains') return one.includes(other);
  return operator === 'starts_with' ? one.startsWith(other) : one.endsWith(other);
}

/** The columns that a condition names. */
export function columnsOfCondition(wanted: Condition): readonly string[] {
  if ('all' in wanted) return wanted.all.flatMap(columnsOfCondition);
  if ('any' in wanted) return wanted.any.flatMap(columnsOfCondition);
  return 'not' in wanted ? columnsOfCondition(wanted.not) : [wanted.column];
}
