import type { RookeryError } from './errors.js';
import type { FailureCode } from './outcome-code.js';

/** A call that ended as its author meant it to. */
export interface Success {
  readonly code: 'ok' | 'input_required' | 'task';
  readonly value: unknown;
  /** Milliseconds from the making of the call to its end. */
  readonly durationMs: number;
}

/** A call that was refused or failed. */
export interface Failure {
  readonly code: FailureCode;
  readonly error: RookeryError;
  /** Milliseconds from the making of the call to its end. */
  readonly durationMs: number;
}

/** How a call ended. Failures are values: nothing a target throws crosses this border. */
export type Outcome = Success | Failure;

/** Whether a call was refused or failed. */
export function isFailure(outcome: Outcome): outcome is Failure {
  return 'error' in outcome;
}
