import { z } from 'zod';
import type { SqlValue } from '../../index.js';
import { parseCsv } from './csv.js';

/** What a column of a seeded table is declared as. */
export type SeedType = 'integer' | 'real' | 'boolean' | 'text';

/** The rows of a seed file. */
export interface SeedRows {
  readonly columns: ReadonlyMap<string, SeedType>;
  readonly rows: readonly (readonly SqlValue[])[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const objects = z.array(z.record(z.string(), scalar)).min(1);

/**
 * Reads the rows of a seed file: CSV, whose empty fields are nothing and whose numbers and booleans are recognised, or
 * JSON, a list of flat objects.
 *
 * @throws Error saying what is wrong
 */
export function readSeed(text: string, format: 'csv' | 'json'): SeedRows {
  const { columns, rows } = format === 'csv' ? fromCsv(text) : fromJson(text);
  const wrong = columns.find((column) => !NAME.test(column));
  if (wrong !== undefined)
    throw new Error('A column has a name that is not made of letters, digits and _ (at most 63).');
  if (new Set(columns).size !== columns.length) throw new Error('Two columns have one name.');
  if (rows.length === 0) throw new Error('There are no rows.');
  const types = columns.map((_column, index) => typeOf(rows.map((row) => row[index] ?? null)));
  return {
    columns: new Map(columns.map((column, index) => [column, types[index] ?? 'text'])),
    rows: rows.map((row) =>
      row.map((value, index) => (types[index] === 'text' && value !== null ? String(value) : value)),
    ),
  };
}

type Scalar = z.output<typeof scalar>;

interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Scalar[])[];
}

function fromCsv(text: string): Rows {
  const { columns, rows } = parseCsv(text);
  const byColumn = columns.map((_column, index) => recogniser(rows.map((row) => row[index] ?? '')));
  return {
    columns,
    rows: rows.map((row) => row.map((field, index) => (field === '' ? null : (byColumn[index]?.(field) ?? field)))),
  };
}

/** Numbers and booleans are such where the whole column is: `007` beside `12a` stays text. */
function recogniser(fields: readonly string[]): ((field: string) => Scalar) | undefined {
  const given = fields.filter((field) => field !== '');
  if (given.every((field) => /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(field))) return Number;
  if (given.every((field) => /^(true|false)$/.test(field))) return (field) => field === 'true';
  return undefined;
}

function fromJson(text: string): Rows {
  const parsed = objects.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error('Expected a list of objects whose values are text, numbers, booleans or null.');
  const columns = [...new Set(parsed.data.flatMap((row) => Object.keys(row)))];
  return { columns, rows: parsed.data.map((row) => columns.map((column) => row[column] ?? null)) };
}

function typeOf(values: readonly Scalar[]): SeedType {
  const given = values.filter((value) => value !== null);
  if (given.length === 0) return 'text';
  if (given.every((value) => typeof value === 'boolean')) return 'boolean';
  if (!given.every((value) => typeof value === 'number')) return 'text';
  return given.every((value) => Number.isSafeInteger(value)) ? 'integer' : 'real';
}
