import type { SqlValue } from '../../core/index.js';
import type { Statement } from './statement.js';

/** What both drivers take as it is. */
export type BoundValue = string | number | bigint | Uint8Array | null;

const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 63n - 1n;

/**
 * Checks parameters before a driver sees them: libsql makes `NULL` of a missing one or of `NaN`, cuts a text at a NUL and
 * ends the process on a boolean, PostgreSQL refuses each in its own words. Booleans become 1 and 0, which columns of
 * either dialect take.
 *
 * @throws TypeError naming the parameter, never its value.
 */
export function bind(statement: Statement, parameters: readonly SqlValue[]): BoundValue[] {
  const wanted = statement.marks.length;
  if (parameters.length !== wanted) {
    throw new TypeError(`The statement has ${wanted} parameters (?), and ${parameters.length} values were given.`);
  }
  return parameters.map((value, index) => bindOne(value, index + 1));
}

function bindOne(value: unknown, position: number): BoundValue {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) throw wrong(position, 'a text with a NUL character, which PostgreSQL cannot keep');
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw wrong(position, 'not a finite number');
      return value;
    case 'bigint':
      if (value < SMALLEST || value > LARGEST) throw wrong(position, 'an integer of more than 64 bits');
      return value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw wrong(position, typeof value === 'object' ? 'an object' : `of type ${typeof value}`);
  }
}

function wrong(position: number, what: string): TypeError {
  return new TypeError(
    `Parameter ${position} is ${what}: expected text, a finite number, a 64-bit bigint, a Uint8Array, a boolean or null.`,
  );
}
