import { CancelledError, ForbiddenError, RookeryError, ToolError, type BoundedStatement } from '../../core/index.js';
import { bind, type BoundValue } from './parameters.js';
import { readStatement, type Statement } from './statement.js';

const READING = new Set(['SELECT', 'WITH', 'VALUES', 'TABLE', 'SHOW', 'EXPLAIN']);
const WRITING = new Set([
  ...READING,
  'INSERT',
  'UPDATE',
  'DELETE',
  'REPLACE',
  'MERGE',
  'CREATE',
  'DROP',
  'ALTER',
  'TRUNCATE',
]);

/** Reads a statement of somebody else. @throws ForbiddenError for a kind that may not run; ToolError when it is none */
export function readBounded({ sql, parameters, write }: BoundedStatement): {
  readonly statement: Statement;
  readonly values: BoundValue[];
} {
  let statement: Statement;
  let values: BoundValue[];
  try {
    statement = readStatement(sql);
    values = bind(statement, parameters);
  } catch (cause) {
    throw new ToolError(cause instanceof Error ? cause.message : 'The statement can not be read.', undefined, {
      cause,
    });
  }
  if (!(write ? WRITING : READING).has(statement.keyword)) {
    const advice = write ? 'It is no statement for data.' : 'Only statements that read run here, such as SELECT.';
    throw new ForbiddenError(`${statement.keyword} is not run. ${advice}`);
  }
  return { statement, values };
}

/**
 * Runs `work` and, when its time is over or nobody waits any more, `cancel`, which ends it in the database: what `work`
 * throws then is said as what it is.
 */
export async function endedInTime<T>(
  { timeoutMs, signal }: BoundedStatement,
  cancel: () => void,
  work: () => Promise<T>,
): Promise<T> {
  let ended: Error | undefined;
  const end = (reason: Error): void => {
    if (ended === undefined) {
      ended = reason;
      cancel();
    }
  };
  const leave = (): void => end(signal.reason instanceof Error ? signal.reason : new CancelledError());
  const message = `The statement took longer than ${timeoutMs / 1_000} s; narrow it by conditions, or ask for fewer rows.`;
  const timer = setTimeout(() => end(new RookeryError('timeout', message)), timeoutMs);
  signal.throwIfAborted();
  signal.addEventListener('abort', leave, { once: true });
  try {
    const result = await work();
    if (ended !== undefined) throw ended;
    return result;
  } catch (error) {
    throw ended ?? error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}

/** Rows, as many as there is room for. */
export class BoundedRows {
  readonly rows: Record<string, unknown>[] = [];
  truncated = false;
  #bytes = 0;

  constructor(
    private readonly columns: readonly string[],
    private readonly limits: Pick<BoundedStatement, 'maxRows' | 'maxBytes'>,
  ) {}

  /** @returns whether there was room */
  add(values: readonly unknown[]): boolean {
    const row = Object.fromEntries(this.columns.map((name, index) => [name, values[index] ?? null]));
    this.#bytes += Buffer.byteLength(JSON.stringify(row));
    if (this.rows.length >= this.limits.maxRows || this.#bytes > this.limits.maxBytes) {
      if (this.rows.length === 0 && this.limits.maxRows > 0) {
        throw new ToolError(`One row is more than ${this.limits.maxBytes} bytes; ask for fewer columns.`);
      }
      this.truncated = true;
      return false;
    }
    this.rows.push(row);
    return true;
  }
}

/** Names of columns, each once. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let count = 2; taken.has(distinct); count++) distinct = `${name}_${count}`;
    taken.add(distinct);
    return distinct;
  });
}

/** A number where it keeps every digit, else its text; NaN and infinities, which JSON does not have, as `null`. */
export function exactNumber(text: string): number | string | null {
  const number = Number(text);
  if (!Number.isFinite(number)) return null;
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(number) ? number : text;
  return text.replace(/[-.]/g, '').replace(/^0+/, '').length <= 15 ? number : text;
}
