import { z } from 'zod';
import { ToolError } from '../../../core/index.js';
import { typed } from '../csv/column-types.js';
import { TypeInference } from '../csv/column-types.js';
import { column, isMissing, requireColumns, valueOf, type Row } from '../rows.js';
import { columnsOfCondition, condition, fulfils } from './conditions.js';
import { ordered, ordering } from './ordering.js';

const operand = z.union([
  z.strictObject({ column }),
  z.strictObject({ value: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
]);

/** What a column is computed from, as a parameter: data, never code. */
export const computation = z.strictObject({
  function: z.enum([
    'add',
    'subtract',
    'multiply',
    'divide',
    'concat',
    'lower',
    'upper',
    'trim',
    'round',
    'length',
    'coalesce',
    'copy',
  ]),
  arguments: z.array(operand).min(1).max(20),
});

/** One step of a transformation, as a parameter. */
export const operation = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('select'), columns: z.array(column).min(1).max(10_000) }),
  z.strictObject({ operation: z.literal('drop'), columns: z.array(column).min(1).max(10_000) }),
  z.strictObject({ operation: z.literal('rename'), columns: z.record(column, column) }),
  z.strictObject({
    operation: z.literal('cast'),
    column,
    type: z.enum(['text', 'integer', 'number', 'boolean']),
    on_error: z.enum(['error', 'null']).default('error'),
  }),
  z.strictObject({ operation: z.literal('compute'), column, from: computation }),
  z.strictObject({ operation: z.literal('filter'), condition }),
  z.strictObject({ operation: z.literal('sort'), by: ordering }),
  z.strictObject({ operation: z.literal('limit'), rows: z.int().min(0), offset: z.int().min(0).default(0) }),
  z.strictObject({ operation: z.literal('distinct') }),
]);

/** See {@link operation}. */
export type Operation = z.output<typeof operation>;
/** See {@link computation}. */
export type Computation = z.output<typeof computation>;

/** Rows after a step. @throws ToolError naming the row whose value does not fit; InvalidArgumentsError for unknown columns */
export function applied(rows: readonly Row[], step: Operation): readonly Row[] {
  switch (step.operation) {
    case 'select':
      requireColumns(rows, step.columns, 'columns');
      return rows.map((row) => Object.fromEntries(step.columns.map((name) => [name, valueOf(row, name) ?? null])));
    case 'drop':
      requireColumns(rows, step.columns, 'columns');
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).filter(([name]) => !step.columns.includes(name))),
      );
    case 'rename':
      return renamed(rows, step.columns);
    case 'cast':
      requireColumns(rows, [step.column], 'column');
      return rows.map((row, index) => ({ ...row, [step.column]: cast(valueOf(row, step.column), step, index) }));
    case 'compute':
      requireColumns(rows, columnsOfComputation(step.from), 'from');
      return rows.map((row, index) => ({ ...row, [step.column]: computed(row, step.from, index) }));
    case 'filter':
      requireColumns(rows, columnsOfCondition(step.condition), 'condition');
      return rows.filter((row) => fulfils(row, step.condition));
    case 'sort':
      requireColumns(
        rows,
        step.by.map(({ column: name }) => name),
        'by',
      );
      return ordered(rows, step.by);
    case 'limit':
      return rows.slice(step.offset, step.offset + step.rows);
    default: {
      const seen = new Set<string>();
      return rows.filter((row) => {
        const key = JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
        if (seen.has(key)) return false;
        seen.add(key);
        return true;
      });
    }
  }
}

function renamed(rows: readonly Row[], names: Readonly<Record<string, string>>): readonly Row[] {
  requireColumns(rows, Object.keys(names), 'columns');
  return rows.map((row) => {
    const entries = Object.entries(row).map(
      ([name, value]) => [Object.hasOwn(names, name) ? names[name] : name, value] as const,
    );
    const record = Object.fromEntries(entries);
    if (Object.keys(record).length < entries.length) {
      throw new ToolError('A column would be renamed to the name of another; drop or rename that one first.');
    }
    return record;
  });
}

function cast(
  value: unknown,
  { column: name, type, on_error }: Operation & { operation: 'cast' },
  index: number,
): unknown {
  if (isMissing(value)) return null;
  if (type === 'text')
    return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : `${value as number}`;
  if (
    type === 'boolean'
      ? typeof value === 'boolean'
      : typeof value === 'number' && (type === 'number' || Number.isInteger(value))
  )
    return value;
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).trim();
  const inference = new TypeInference();
  inference.add(text);
  const found = inference.type;
  if (found === type || (type === 'number' && found === 'integer')) return typed(text, found);
  if (on_error === 'null') return null;
  throw new ToolError(
    `Row ${index + 1}: the value of "${name}" is no ${type}. To make such values null set on_error: "null".`,
  );
}

/** The columns that a computation takes. */
export function columnsOfComputation({ arguments: given }: Computation): readonly string[] {
  return given.flatMap((one) => ('column' in one ? [one.column] : []));
}

/** A value computed of a row. With a missing argument it is missing, but for `coalesce`. A division by zero is null. */
export function computed(row: Row, { function: name, arguments: given }: Computation, index: number): unknown {
  const values = given.map((one) => ('column' in one ? (valueOf(row, one.column) ?? null) : one.value));
  if (name === 'coalesce') return values.find((value) => !isMissing(value)) ?? null;
  if (values.some(isMissing)) return null;
  const [first] = values;
  switch (name) {
    case 'copy':
      return first;
    case 'concat':
      return values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : `${value as number}`)).join('');
    case 'lower':
    case 'upper':
    case 'trim':
    case 'length':
      return ofText(name, first, index);
    default:
      return ofNumbers(name, values, index);
  }
}

function ofText(name: 'lower' | 'upper' | 'trim' | 'length', value: unknown, index: number): unknown {
  if (typeof value !== 'string') throw new ToolError(`Row ${index + 1}: ${name} needs a text.`);
  if (name === 'length') return value.length;
  if (name === 'trim') return value.trim();
  return name === 'lower' ? value.toLowerCase() : value.toUpperCase();
}

function ofNumbers(name: string, values: readonly unknown[], index: number): number | null {
  if (!values.every((value) => typeof value === 'number'))
    throw new ToolError(`Row ${index + 1}: ${name} needs numbers.`);
  const [first = 0, ...others] = values as number[];
  const result =
    name === 'round'
      ? rounded(first, others[0] ?? 0)
      : others.reduce((one, other) => arithmetic(name, one, other), first);
  return Number.isFinite(result) ? result : null;
}

function arithmetic(name: string, one: number, other: number): number {
  if (name === 'add') return one + other;
  if (name === 'subtract') return one - other;
  return name === 'multiply' ? one * other : one / other;
}

function rounded(value: number, digits: number): number {
  const scaled = Number(`${value}e${Math.trunc(digits)}`);
  return Number.isNaN(scaled) ? value : Number(`${Math.round(scaled)}e${-Math.trunc(digits)}`);
}
