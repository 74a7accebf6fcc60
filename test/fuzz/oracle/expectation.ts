import { isObject } from '../../../src/core/index.js';
import { isNestedTooDeeply } from '../../../src/mcp/nesting.js';
import type { RequestId } from '../../../src/mcp/wire.js';

/** What a message must bring about, told from the message alone. */
export interface Expectation {
  /** The requests in it, each to be answered once. */
  readonly requests: readonly { readonly id: RequestId; readonly message: Readonly<Record<string, unknown>> }[];
  /** Answers without an id: refusals of what cannot be read. */
  readonly nameless: { readonly least: number; readonly most: number };
  /** Whether it may be refused as a whole, its requests unanswered. */
  readonly allOrNothing: boolean;
}

const NOTHING = { requests: [], allOrNothing: false };
const REFUSED: Expectation = { ...NOTHING, nameless: { least: 1, most: 1 } };
const PERHAPS: Expectation = { ...NOTHING, nameless: { least: 0, most: 1 } };

/** Requests get their answer, unreadable ones an error without an id, everything else nothing or such an error. */
export function expectationOf(message: unknown): Expectation {
  if (isNestedTooDeeply(message) && !isRequest(message)) return REFUSED;
  if (Array.isArray(message)) {
    const requests = message.flatMap((entry: unknown) => (Array.isArray(entry) ? [] : expectationOf(entry).requests));
    if (message.length === 0) return REFUSED;
    return { requests, nameless: PERHAPS.nameless, allOrNothing: true };
  }
  if (!isObject(message)) return REFUSED;
  if (isRequest(message)) {
    return { requests: [{ id: message.id, message }], nameless: { least: 0, most: 0 }, allOrNothing: false };
  }
  if (isResponse(message)) return PERHAPS;
  if (typeof message['method'] === 'string' && !('id' in message)) return PERHAPS;
  return REFUSED;
}

/** Whether a message takes back a request, and nothing about it could be refused. */
export function cancels(message: unknown): RequestId | undefined {
  if (!isObject(message) || message['jsonrpc'] !== '2.0' || Object.keys(message).length !== 3) return undefined;
  const [id] = mentions(message);
  return isObject(message['params']) && !('_meta' in message['params']) ? id : undefined;
}

/** The requests that a message takes back, if it is not refused; what is nested too deeply always is, unread. */
export function mentions(message: unknown): readonly RequestId[] {
  if (isNestedTooDeeply(message)) return [];
  if (Array.isArray(message)) return message.flatMap((entry: unknown) => (Array.isArray(entry) ? [] : mentions(entry)));
  if (!isObject(message) || message['method'] !== 'notifications/cancelled') return [];
  const id = isObject(message['params']) ? message['params']['requestId'] : undefined;
  return isRequestId(id) ? [id] : [];
}

/** Whether a value may be the id of a request. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function isRequest(message: unknown): message is Readonly<Record<string, unknown>> & { readonly id: RequestId } {
  return isObject(message) && isRequestId(message['id']) && ('method' in message || !isResponse(message));
}

function isResponse(message: Readonly<Record<string, unknown>>): boolean {
  return !('method' in message) && ('result' in message || 'error' in message);
}
