import { InvalidArgumentsError } from '../../core/index.js';

/** Rows that a node gives at the most. @throws InvalidArgumentsError for more than the server allows */
export function rowLimit(asked: number | undefined, allowed: number, parameter = 'max_rows'): number {
  if (asked === undefined || asked <= allowed) return asked ?? allowed;
  const message = `must be at most ${allowed}: this server gives no more rows at once (nodes.data.maxRows)`;
  throw new InvalidArgumentsError([{ path: parameter, message }], 'parameters');
}
