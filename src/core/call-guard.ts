import { HttpException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { callOf } from './call-context.js';
import type { Call, Target } from './call.js';
import { RookeryError } from './errors.js';

/** Decides about one call. @throws RookeryError to refuse it. */
export type CallCheck = (call: Call) => void | Promise<void>;

/**
 * A guard of the pipeline. What it needs to know of a target is computed once, and a target that it has nothing to say
 * about costs nothing.
 *
 * It is a Nest guard too: `@UseGuards()` puts it on an ordinary controller, where a refusal becomes an `HttpException`.
 */
export abstract class CallGuard implements CanActivate {
  /** What there is to check in calls of a target; `undefined` when there is nothing. */
  abstract prepare(target: Target): CallCheck | undefined;

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const call = callOf(context);
    try {
      await this.prepare(call.target)?.(call);
    } catch (thrown) {
      throw context.getType() === 'http' && thrown instanceof RookeryError ? asHttpException(thrown) : thrown;
    }
    return true;
  }
}

/** HTTP statuses of the ways a call may be refused or fail (RFC 9110). */
export const FAILURE_STATUSES: Readonly<Record<RookeryError['code'], number>> = {
  unknown: 404,
  invalid_arguments: 400,
  unauthenticated: 401,
  insufficient_scope: 403,
  forbidden: 403,
  rate_limited: 429,
  overloaded: 503,
  breaker_open: 503,
  timeout: 504,
  cancelled: 499,
  tool_error: 422,
  internal: 500,
};

/** An error of ours as an ordinary controller answers it: the status of its meaning, its code, message and details. */
export function asHttpException(error: RookeryError): HttpException {
  const { code, message, details } = error;
  return new HttpException({ statusCode: FAILURE_STATUSES[code], code, message, ...details }, FAILURE_STATUSES[code], {
    cause: error,
  });
}
