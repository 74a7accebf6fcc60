import type { SqlValue } from '../../core/index.js';

/** The identifiers of PostgreSQL's own types (`pg_type.dat`) that are not given as their text. */
const PARSERS: ReadonlyMap<number, (text: string) => SqlValue> = new Map<number, (text: string) => SqlValue>([
  [16, (text) => (text === 't' ? 1 : 0)],
  [17, (text) => new Uint8Array(Buffer.from(text.slice('\\x'.length), 'hex'))],
  [20, integer],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, Number],
  [701, Number],
  [1700, (text) => (/^-?\d+$/.test(text) ? integer(text) : Number(text))],
]);

/** Gives values as libsql gives them; see `DialectDatabase`. A sum of integers is NUMERIC there, so that is a number too. */
export const valueTypes = {
  getTypeParser: (type: number): ((text: string) => SqlValue) => PARSERS.get(type) ?? String,
};

function integer(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
