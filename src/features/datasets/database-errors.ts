import { RookeryError, ToolError } from '../../index.js';
import { tookTooLong } from './time-limit.js';

/**
 * What a driver refused, for the caller: values that a constraint or a column's type does not take (SQLSTATE classes 22
 * and 23, SQLite's constraints and mismatches), and statements that the server ended (57014). Everything else stays as it
 * is. The driver's text, which may quote values, goes no further than the log.
 */
export function explainDatabaseError(thrown: unknown, limitMs: number): unknown {
  if (thrown instanceof RookeryError || !(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const code = String(thrown.code);
  if (code === '57014') return tookTooLong(limitMs, thrown);
  if (/^23...$/.test(code) || code.startsWith('SQLITE_CONSTRAINT')) {
    const message =
      'A rule of the table refuses this change (a value that must be unique, set, or refer to another row).';
    return new ToolError(`${message} Nothing was changed.`, undefined, { cause: thrown });
  }
  if (/^22...$/.test(code) || code === 'SQLITE_MISMATCH') {
    const message =
      'A value does not have the form that its column takes, or is out of its range. Nothing was changed.';
    return new ToolError(message, undefined, { cause: thrown });
  }
  return thrown;
}
