import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

export {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server';

/** The stateless revision. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions that begin with `initialize`, newest first. */
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** Headers and body of a request disagree (S/basic/transports/streamable-http, server validation). */
export const HEADER_MISMATCH = -32020;

/** The client did not declare what a call needs (S/basic/index). */
export const MISSING_CLIENT_CAPABILITY: number = ProtocolErrorCode.MissingRequiredClientCapability;

/** What a request is known by. */
export type RequestId = string | number;

/** The members of a request's `params`. */
export type Params = Readonly<Record<string, unknown>>;

/** A request whose outer shape has been checked. */
export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: Params;
}

/** A notification whose outer shape has been checked. */
export interface JsonRpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: Params;
}

/** An answer on its way out: the serialised message, and the status and headers that it has over HTTP. */
export interface Reply {
  readonly body: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Wraps the serialised result of a request. */
export function resultReply(id: RequestId, result: string): Reply {
  return { body: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`, status: 200 };
}

/** Wraps an error; the id is null where the request could not be read. */
export function errorReply(id: RequestId | null, status: number, code: number, message: string, data?: unknown): Reply {
  const error = { code, message, ...(data !== undefined && { data }) };
  return { body: JSON.stringify({ jsonrpc: '2.0', id, error }), status };
}

/** The id that an answer to an unreadable message may echo. A response has the id of a request of ours: it is not echoed. */
export function echoableId(message: unknown): RequestId | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null;
  if (!('method' in message) && ('result' in message || 'error' in message)) return null;
  const { id } = message;
  return typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id)) ? id : null;
}

/** @throws ProtocolError -32602 naming the parameter. */
export function requireString(params: Params, name: string): string {
  const value = params[name];
  if (typeof value === 'string') return value;
  throw invalidParams(`"${name}" must be a string`);
}

/** @throws ProtocolError -32602 naming the parameter. */
export function optionalObject(params: Params, name: string): Params {
  const value = params[name];
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Params;
  throw invalidParams(`"${name}" must be an object`);
}

/** A request whose parameters are not what the method takes. */
export function invalidParams(message: string, data?: unknown): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid params: ${message}`, data);
}
