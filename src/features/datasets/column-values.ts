import type { SqlValue } from '../../index.js';
import type { DatasetRow } from './datasets.schema.js';
import type { Column, ColumnKind } from './table.js';

/** A value of JSON. */
export type JsonValue = string | number | boolean | null;

/** A value for the database, or what was expected instead. */
export type Converted =
  { readonly ok: true; readonly value: SqlValue } | { readonly ok: false; readonly expected: string };

const EXPECTED: Readonly<Record<ColumnKind, string>> = {
  integer: 'must be a whole number; beyond 2^53 as text',
  number: 'must be a number',
  boolean: 'must be true or false',
  text: 'must be text',
  bytes: 'must be base64 text',
  any: 'must be text, a number, true or false',
};

/** Turns a value of JSON into what a column takes. */
export function toColumn({ kind }: Column, value: Exclude<JsonValue, null>): Converted {
  const converted = convert(kind, value);
  return converted === undefined ? { ok: false, expected: EXPECTED[kind] } : { ok: true, value: converted };
}

function convert(kind: ColumnKind, value: Exclude<JsonValue, null>): SqlValue | undefined {
  // PostgreSQL keeps no NUL in a text, and libsql cuts the text there.
  if (typeof value === 'string' && value.includes('\0')) return undefined;
  switch (kind) {
    case 'integer':
      if (typeof value === 'string') return integer(value);
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'bytes':
      return typeof value === 'string' && isBase64(value) ? Buffer.from(value, 'base64') : undefined;
    default:
      return value;
  }
}

const BEYOND = 2n ** 63n;

function integer(text: string): bigint | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= -BEYOND && value < BEYOND ? value : undefined;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Turns a value of the database into one of JSON. */
export function fromColumn(kind: ColumnKind | undefined, value: SqlValue): DatasetRow[string] {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return value.toString();
  // Both dialects give booleans as 1 and 0.
  if (kind === 'boolean' && (value === 0 || value === 1)) return value === 1;
  return value;
}
