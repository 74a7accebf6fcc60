import type { DuckDBValue } from '@duckdb/node-api';

/** The package, as it is loaded. */
export type DuckDbApi = typeof import('@duckdb/node-api');

/**
 * A value as JSON without loss: integers beyond 2^53 and long decimals as text, dates and times as ISO 8601, bytes as
 * base64; NaN and infinities, which JSON does not have, as `null`.
 */
export function jsonValue(api: DuckDbApi, value: DuckDBValue): unknown {
  switch (typeof value) {
    case 'bigint':
      return exactNumber(value.toString());
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'object':
      return value === null ? null : jsonObject(api, value);
    default:
      return value;
  }
}

/** A number where it has as many digits as one keeps, else its text. */
export function exactNumber(text: string): number | string {
  const number = Number(text);
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(number) ? number : text;
  return text.replace(/[-.]/g, '').replace(/^0+/, '').length <= 15 ? number : text;
}

function jsonObject(api: DuckDbApi, value: DuckDBValue & object): unknown {
  const inner = (item: DuckDBValue): unknown => jsonValue(api, item);
  if (value instanceof api.DuckDBDecimalValue) return exactNumber(value.toString());
  if (value instanceof api.DuckDBTimestampTZValue) return isoOf(value.micros);
  if (
    value instanceof api.DuckDBTimestampValue ||
    value instanceof api.DuckDBTimestampSecondsValue ||
    value instanceof api.DuckDBTimestampMillisecondsValue ||
    value instanceof api.DuckDBTimestampNanosecondsValue
  ) {
    return value.toString().replace(' ', 'T');
  }
  if (value instanceof api.DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof api.DuckDBListValue || value instanceof api.DuckDBArrayValue) return value.items.map(inner);
  if (value instanceof api.DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, inner(item)]));
  }
  if (value instanceof api.DuckDBMapValue) {
    return value.entries.map(({ key, value: item }) => ({ key: inner(key), value: inner(item) }));
  }
  if (value instanceof api.DuckDBUnionValue) return inner(value.value);
  return String(value);
}

/** Microseconds since 1970 as ISO 8601; what is beyond JavaScript's years (infinity) as `null`. */
function isoOf(micros: bigint): string | null {
  const millis = Number(micros / 1_000n);
  if (Math.abs(millis) > 8.64e15) return null;
  const rest = String(Math.abs(Number(micros % 1_000n))).padStart(3, '0');
  const iso = new Date(millis).toISOString();
  return rest === '000' || micros < 0n ? iso : iso.replace('Z', `${rest}Z`);
}
