import { FAILURE_STATUSES, isFailure, type FailureCode, type Outcome, type RookeryError } from '../core/index.js';
import type { ResultParts } from './eras/era.js';
import { ProtocolError, ProtocolErrorCode } from './wire.js';

/** The member of `_meta` and of `data` that carries the stable code of an outcome. */
export const CODE_META_KEY = 'rookery/code';

/**
 * JSON-RPC codes of outcomes that the protocol names no code for. They lie outside the range that JSON-RPC and MCP
 * reserve (S/basic/index, error codes): each is the HTTP status of the same meaning.
 */
const ERROR_CODES: Readonly<Record<FailureCode, number>> = {
  ...FAILURE_STATUSES,
  unknown: ProtocolErrorCode.InvalidParams,
  invalid_arguments: ProtocolErrorCode.InvalidParams,
  internal: ProtocolErrorCode.InternalError,
};

/**
 * The value of a call.
 *
 * @throws ProtocolError for a failure, its details in `data`.
 */
export function valueOf(outcome: Outcome): unknown {
  if (!isFailure(outcome)) return outcome.value;
  throw new OutcomeError(outcome.error);
}

/** A call that was refused or failed, as the error of its request. */
export class OutcomeError extends ProtocolError {
  constructor(readonly failure: RookeryError) {
    const { code, message, details } = failure;
    super(ERROR_CODES[code], message, { code, ...wireDetails(failure, details) });
  }
}

/** Whether a failure concerns the request as a whole, whatever was called: who sent it, and what its token allows. */
export function concernsRequest({ code }: Pick<RookeryError, 'code'>): boolean {
  return code === 'unauthenticated' || code === 'insufficient_scope';
}

/** A failed tool call as the result that its model reads (S/server/tools, error handling). */
export function failedToolResult(failure: RookeryError): ResultParts {
  const { code, message, details } = failure;
  const meta = { [CODE_META_KEY]: code, ...details };
  return {
    failure,
    members: `"content":[{"type":"text","text":${JSON.stringify(message)}}],"isError":true`,
    meta: members(wireDetails({ code, message, details }, meta)),
  };
}

/** The members of an object, serialised, without its braces. */
export function members(value: object): string {
  return JSON.stringify(value).slice(1, -1);
}

/** The JSON of what an author returned. @throws TypeError for what JSON cannot say: a cycle, a bigint, a function. */
export function toJson(value: unknown): string {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`what was returned is of type ${typeof value}, which has no JSON`);
  return json;
}

/** On the wire it is `retry_after`, in seconds, as the result fields of tools are in snake_case. */
function wireDetails(
  error: Pick<RookeryError, 'code' | 'message' | 'details'>,
  fields: Readonly<Record<string, unknown>>,
): object {
  const { retryAfter, ...rest } = fields;
  return error.details.retryAfter === undefined ? rest : { ...rest, retry_after: retryAfter };
}
