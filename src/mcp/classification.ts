import { classifyInboundRequest, type InboundClassificationOutcome } from '@modelcontextprotocol/server';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  MODERN_VERSION,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
  echoableId,
  errorReply,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type Params,
  type Reply,
} from './wire.js';
import { MAX_NESTING, isNestedTooDeeply } from './nesting.js';

/** The headers of an HTTP request that say again what its body says. */
export interface MirroredHeaders {
  readonly protocolVersion?: string | undefined;
  readonly method?: string | undefined;
  readonly name?: string | undefined;
}

/** A message of the 2025 era or before. */
export type LegacyMessage =
  | { readonly kind: 'request'; readonly era: 'legacy'; readonly message: JsonRpcRequest }
  | { readonly kind: 'notification'; readonly era: 'legacy'; readonly message: JsonRpcNotification }
  | { readonly kind: 'response'; readonly message: Readonly<Record<string, unknown>> }
  /** Each of its messages is well-formed and of this era. */
  | { readonly kind: 'batch'; readonly messages: readonly unknown[] };

/** What a message turned out to be. */
export type Classified =
  | { readonly kind: 'request'; readonly era: 'modern'; readonly message: JsonRpcRequest }
  | { readonly kind: 'notification'; readonly era: 'modern'; readonly message: JsonRpcNotification }
  | LegacyMessage
  | { readonly kind: 'rejected'; readonly reply: Reply; readonly limit?: 'message_depth' };

/**
 * Says to which era a message belongs, or why it is refused.
 *
 * The rules are the SDK's (`classifyInboundRequest`, 7–11 µs a call). A message that is plainly well-formed is
 * recognised without it in under one; `classification.spec.ts` holds the two against each other.
 */
export function classify(body: unknown, headers: MirroredHeaders = {}): Classified {
  if (isNestedTooDeeply(body)) {
    const message = `The message is nested more than ${MAX_NESTING} levels deep.`;
    const reply = errorReply(echoableId(body), 400, ProtocolErrorCode.InvalidRequest, message);
    return { kind: 'rejected', reply, limit: 'message_depth' };
  }
  if (isPlainModernRequest(body, headers)) {
    return { kind: 'request', era: 'modern', message: body };
  }
  const outcome = classifyBySdk(body, headers);
  if (outcome.kind === 'reject') {
    const { httpStatus, code, message, data } = outcome;
    return { kind: 'rejected', reply: errorReply(echoableId(body), httpStatus, code, message, data) };
  }
  if (outcome.kind === 'modern') {
    const { message } = outcome;
    const { revision } = outcome.classification;
    if (outcome.messageKind === 'notification')
      return { kind: 'notification', era: 'modern', message: message as JsonRpcNotification };
    if (revision !== MODERN_VERSION) return { kind: 'rejected', reply: unsupportedVersion(message, revision) };
    return { kind: 'request', era: 'modern', message: message as JsonRpcRequest };
  }
  return classifyLegacy(body);
}

function classifyBySdk(body: unknown, headers: MirroredHeaders): InboundClassificationOutcome {
  return classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(headers.protocolVersion !== undefined && { protocolVersionHeader: headers.protocolVersion }),
    ...(headers.method !== undefined && { mcpMethodHeader: headers.method }),
    ...(headers.name !== undefined && { mcpNameHeader: headers.name }),
  });
}

function classifyLegacy(body: unknown): LegacyMessage {
  if (Array.isArray(body)) return { kind: 'batch', messages: body };
  const message = body as JsonRpcRequest;
  if (!('method' in message)) return { kind: 'response', message };
  if (!('id' in message)) return { kind: 'notification', era: 'legacy', message };
  return { kind: 'request', era: 'legacy', message };
}

function unsupportedVersion(message: unknown, requested: string | undefined): Reply {
  const text = `Unsupported protocol version: ${requested ?? 'none'}`;
  const data = { supported: [MODERN_VERSION], ...(requested !== undefined && { requested }) };
  return errorReply(echoableId(message), 400, ProtocolErrorCode.UnsupportedProtocolVersion, text, data);
}

/** Exactly the requests for which every check of the SDK passes and the answer is the modern era. */
function isPlainModernRequest(body: unknown, headers: MirroredHeaders): body is JsonRpcRequest {
  if (!isRecord(body) || body['jsonrpc'] !== '2.0') return false;
  const { id, method, params } = body;
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return false;
  if (typeof method !== 'string' || !isRecord(params)) return false;
  if (Object.keys(body).length !== 4) return false;
  const meta = params['_meta'];
  if (!isRecord(meta) || !isPlainEnvelope(meta)) return false;
  return (
    (headers.protocolVersion === undefined || headers.protocolVersion === MODERN_VERSION) &&
    (headers.method === undefined || headers.method === method)
  );
}

/** The envelope keys alone, each in its simplest valid form; anything richer is the SDK's to judge. */
function isPlainEnvelope(meta: Params): boolean {
  let keys = 0;
  for (const key in meta) {
    const value = meta[key];
    if (key === PROTOCOL_VERSION_META_KEY) {
      if (value !== MODERN_VERSION) return false;
    } else if (key === CLIENT_CAPABILITIES_META_KEY) {
      if (!isEmptyRecord(value)) return false;
    } else if (key === CLIENT_INFO_META_KEY) {
      if (!isPlainClientInfo(value)) return false;
      continue;
    } else return false;
    keys++;
  }
  return keys === 2;
}

function isPlainClientInfo(value: unknown): boolean {
  if (!isRecord(value)) return false;
  for (const key in value) {
    if ((key !== 'name' && key !== 'version') || typeof value[key] !== 'string') return false;
  }
  return 'name' in value && 'version' in value;
}

function isEmptyRecord(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
