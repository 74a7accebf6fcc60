import { HttpException } from '@nestjs/common';
import type { FailureCode } from './outcome-code.js';
import type { Fault } from './schema/fault.js';

/** Everything an error may tell a client besides its message. */
export interface ErrorDetails {
  /** Every fault of the arguments, in the order found. */
  readonly faults?: readonly Fault[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
  /** Further JSON-safe data. */
  readonly [key: string]: unknown;
}

/**
 * An error whose message and details may be shown to the caller.
 *
 * What must stay inside goes into `cause`: it is logged with the call's id and never sent.
 */
export class RookeryError extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An expected failure of a tool: the message is written for the model, so that it can do better next time. */
export class ToolError extends RookeryError {
  constructor(message: string, details?: ErrorDetails, options?: ErrorOptions) {
    super('tool_error', message, details, options);
  }
}

/** The arguments break the target's schema; names every fault. */
export class InvalidArgumentsError extends RookeryError {
  constructor(
    readonly faults: readonly Fault[],
    subject = 'arguments',
  ) {
    super('invalid_arguments', `Invalid ${subject}: ${faults.map(describeFault).join('; ')}`, { faults });
  }
}

/** There is no such target, or it is not for this caller to know of. */
export class UnknownTargetError extends RookeryError {
  constructor(kind: string, target: string, options?: ErrorOptions) {
    super('unknown', `Unknown ${kind}: ${target}`, {}, options);
  }
}

/** The caller is known and the target visible, but a rule refuses this call. */
export class ForbiddenError extends RookeryError {
  constructor(message = 'This call is not permitted.', options?: ErrorOptions) {
    super('forbidden', message, {}, options);
  }
}

/** Nobody is known to be calling, and this needs somebody: 401 over HTTP, with a challenge. */
export class UnauthenticatedError extends RookeryError {
  constructor(message = 'Authentication is required.', options?: ErrorOptions) {
    super('unauthenticated', message, {}, options);
  }
}

/** The access token lacks scopes that a new one could have: 403 over HTTP, naming all that the operation needs (RFC 6750). */
export class InsufficientScopeError extends RookeryError {
  constructor(
    /** Every scope the operation needs, those included that the token has. */
    readonly scopes: readonly string[],
  ) {
    super('insufficient_scope', `This needs the scope ${scopes.join(' ')}.`, { scopes });
  }
}

/** The caller went away or asked for the call to stop. */
export class CancelledError extends RookeryError {
  constructor(message = 'The call was cancelled.', options?: ErrorOptions) {
    super('cancelled', message, {}, options);
  }
}

/** Something broke that the caller can't mend. The text is generic; the cause is found in the log by the call's id. */
export class InternalError extends RookeryError {
  constructor(correlationId: string, cause: unknown) {
    super('internal', `Internal error. Correlation id: ${correlationId}`, { correlationId }, { cause });
  }
}

/** A fault as one phrase: `items[2].name: must be a string`. */
export function describeFault(fault: Fault): string {
  return fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`;
}

const UNTITLED: Readonly<Record<number, FailureCode>> = {
  400: 'invalid_arguments',
  401: 'unauthenticated',
  403: 'forbidden',
  408: 'timeout',
  429: 'rate_limited',
};

/**
 * Turns whatever was thrown into an error that may be shown.
 *
 * Ours pass as they are. Nest's `HttpException`s below 500 are expected errors, so their message is shown. An abort of
 * the call's own signal is a cancellation. Everything else is internal: its text, type and stack stay here.
 */
export function asRookeryError(
  thrown: unknown,
  call: { readonly id: string; readonly aborted: boolean },
): RookeryError {
  if (thrown instanceof RookeryError) return thrown;
  if (call.aborted && isAbortError(thrown)) return new CancelledError(undefined, { cause: thrown });
  if (thrown instanceof HttpException && thrown.getStatus() < 500) {
    const code = UNTITLED[thrown.getStatus()] ?? 'tool_error';
    return new RookeryError(code, httpMessage(thrown), {}, { cause: thrown });
  }
  return new InternalError(call.id, thrown);
}

function isAbortError(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}

/** `ValidationPipe` puts a list of messages into the response body; other exceptions carry one text. */
function httpMessage(exception: HttpException): string {
  const body = exception.getResponse();
  const message = typeof body === 'object' && 'message' in body ? body.message : body;
  if (Array.isArray(message)) return message.map(String).join('; ');
  return typeof message === 'string' ? message : exception.message;
}
