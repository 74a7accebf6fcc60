import { RookeryError } from '../../core/index.js';

/** A call did not end by its deadline. What it still does is dropped. */
export class TimeoutError extends RookeryError {
  /** @param timeoutMs - what the target gets; `undefined` when the time of an outer call or of the client ran out */
  constructor(subject: string, timeoutMs?: number) {
    super(
      'timeout',
      timeoutMs === undefined
        ? `${subject} did not end in the time that was left to it.`
        : `${subject} did not end within ${timeoutMs / 1000} s.`,
      timeoutMs === undefined ? {} : { timeoutMs },
    );
  }
}
