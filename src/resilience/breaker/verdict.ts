import {
  MissingClientCapabilityError,
  RookeryError,
  Suspension,
  asRookeryError,
  type Call,
  type FailureCode,
} from '../../core/index.js';

/** What an error says about the tool that threw it; `none`: nothing, as the fault is somebody else's. */
export type ErrorVerdict = 'fault' | 'success' | 'none';

/**
 * How each end counts. A tool that breaks or hangs is at fault. A `ToolError` is an answer the author wrote: the tool
 * works. Refusals, bad arguments, cancellations and what a breaker or limit further down refused say nothing about it.
 */
const VERDICTS: Readonly<Record<FailureCode, ErrorVerdict>> = {
  internal: 'fault',
  timeout: 'fault',
  tool_error: 'success',
  unknown: 'none',
  invalid_arguments: 'none',
  unauthenticated: 'none',
  insufficient_scope: 'none',
  forbidden: 'none',
  rate_limited: 'none',
  overloaded: 'none',
  breaker_open: 'none',
  cancelled: 'none',
};

/** @param countToolErrors - whether a `ToolError` is a fault too */
export function verdictOf(thrown: unknown, call: Call, countToolErrors: boolean): ErrorVerdict {
  if (thrown instanceof MissingClientCapabilityError || thrown instanceof Suspension) return 'none';
  const { code } = thrown instanceof RookeryError ? thrown : asRookeryError(thrown, call);
  return code === 'tool_error' && countToolErrors ? 'fault' : VERDICTS[code];
}
