import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../../core/index.js';
import type { RequestId } from '../../wire.js';
import { refusal, sendJson } from './refusal.js';

/** The header that names a session, as Node writes it. */
export const SESSION_HEADER = 'mcp-session-id';

/** Where sessions are found. */
export interface Sessions<S> {
  find(id: string, principal: Principal | undefined): S | undefined;
}

/** Who asks for a session, in which request. */
export interface SessionSeeker {
  /** Null where the message has no id. */
  readonly id: RequestId | null;
  readonly principal: Principal | undefined;
}

/** The session that a request names. An unknown, ended or foreign one is 404, after which a client begins anew. */
export function findSession<S>(
  sessions: Sessions<S>,
  { headers }: IncomingMessage,
  response: ServerResponse,
  { id, principal }: SessionSeeker,
): S | undefined {
  const given = headers[SESSION_HEADER];
  const name = typeof given === 'string' ? given : given?.[0];
  if (name === undefined) {
    sendJson(response, refusal(id, 400, 'Mcp-Session-Id is missing; send initialize first.'));
    return undefined;
  }
  const session = sessions.find(name, principal);
  if (session === undefined) sendJson(response, refusal(id, 404, 'There is no such session; send initialize again.'));
  return session;
}

/** Refuses one session more than there may be. */
export function refuseForRoom(response: ServerResponse, id: RequestId | null): void {
  const full = 'The server has as many sessions as it allows (server.maxSessions); try again later.';
  sendJson(response, refusal(id, 503, full), { 'retry-after': '30' });
}

/** Refuses to resume a stream that the session does not know. */
export function refuseEvent(response: ServerResponse): void {
  sendJson(response, refusal(null, 400, 'Last-Event-ID is not one of this session.'));
}
