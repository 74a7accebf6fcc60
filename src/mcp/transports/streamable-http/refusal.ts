import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { errorReply, type Reply, type RequestId } from '../../wire.js';

/** The code of refusals by the transport itself; it lies in the range that JSON-RPC leaves to servers. */
const TRANSPORT_ERROR = -32000;

/** Tells a client not to use the connection again, whose body has not been read. */
export const CLOSE = { connection: 'close' } as const;

/** A refusal by the transport, as a reply to the request that it concerns. */
export function refusal(id: RequestId | null, status: number, message: string, data?: unknown): Reply {
  return errorReply(id, status, TRANSPORT_ERROR, message, data);
}

/** Sends a whole JSON answer. */
export function sendJson(
  response: ServerResponse,
  { body, status, headers: own }: Reply,
  headers?: OutgoingHttpHeaders,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...own,
    ...headers,
  });
  response.end(body);
}

/** Refuses a request before it is read. */
export function refuse(response: ServerResponse, status: number, message: string, headers?: OutgoingHttpHeaders): void {
  sendJson(response, refusal(null, status, message), headers);
}
