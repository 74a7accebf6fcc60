/** The ways a call that was refused or failed can end. Each is stable: clients, metrics and audit records see it. */
export type FailureCode =
  | 'unknown'
  | 'invalid_arguments'
  | 'unauthenticated'
  | 'insufficient_scope'
  | 'forbidden'
  | 'rate_limited'
  | 'overloaded'
  | 'breaker_open'
  | 'timeout'
  | 'cancelled'
  | 'tool_error'
  | 'internal';

/** The ways a call can end. */
export type OutcomeCode = 'ok' | 'input_required' | 'task' | FailureCode;
