import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ServerStatus } from '../../../core/index.js';
import { StreamCredentials } from '../../access/stream-credentials.js';
import type { LegacyMessage } from '../../classification.js';
import { McpDispatcher } from '../../dispatcher.js';
import { Eras } from '../../eras/eras.js';
import { Exchange } from '../../exchange.js';
import { SlowClients } from '../../limits/slow-clients.js';
import { ClientState } from '../../sessions/client-state.js';
import { parseEventId } from '../../sessions/event-stream.js';
import { SessionStore } from '../../sessions/session-store.js';
import type { Session } from '../../sessions/session.js';
import { LEGACY_VERSIONS, type JsonRpcRequest, type Reply } from '../../wire.js';
import { answerBatch, isBatchable } from '../batch.js';
import type { Answer } from './http-answer.js';
import { CLOSE, refusal, sendJson } from './refusal.js';
import type { HttpVisit } from './http-visit.js';
import { SessionAnswer } from './session-answer.js';
import { SESSION_HEADER, findSession, refuseEvent, refuseForRoom } from './session-lookup.js';

/** Clients of the 2025 era and before: sessions from `initialize` to DELETE (L/basic/transports). */
@Injectable()
export class LegacyHttp {
  constructor(
    private readonly dispatcher: McpDispatcher,
    private readonly eras: Eras,
    private readonly sessions: SessionStore,
    private readonly status: ServerStatus,
    private readonly credentials: StreamCredentials,
    private readonly slow: SlowClients,
  ) {}

  /** A message, or a batch of them. */
  post(received: LegacyMessage, visit: HttpVisit): void {
    const { request, response } = visit;
    const id = received.kind === 'request' ? received.message.id : null;
    const problem = headerProblem(request);
    if (problem !== undefined) return sendJson(response, refusal(id, problem.status, problem.message));
    if (received.kind === 'request' && received.message.method === 'initialize') {
      void this.#initialize(received.message, visit);
      return;
    }
    const session = this.#session(visit, id);
    if (session === undefined) return;
    if (received.kind === 'response') session.state.settle(received.message);
    else if (received.kind === 'notification') this.#notified(session, received.message);
    else if (received.kind === 'batch') return this.#batch(session, received.messages, visit);
    else return void this.#answer(session, received.message, visit);
    response.writeHead(202).end();
  }

  /** The stream of messages that belong to no request, or a stream that the client comes back to. */
  get(visit: HttpVisit): void {
    const { request, response } = visit;
    if (!(request.headers.accept ?? '').includes('text/event-stream')) {
      return sendJson(response, refusal(null, 406, 'Accept must list text/event-stream.'));
    }
    const session = this.#session(visit, null);
    if (session === undefined) return;
    const last = single(request.headers['last-event-id']);
    const event = last === undefined ? undefined : parseEventId(last);
    const stream = last === undefined ? session.standaloneStream() : event && session.streamOf(event);
    if (stream === undefined) return refuseEvent(response);
    const finished = this.status.connected();
    const unfollow = this.credentials.follow(visit, () => response.end());
    response.on('close', () => {
      finished();
      unfollow();
    });
    stream.attach(response, { [SESSION_HEADER]: session.id }, event?.sequence);
  }

  /** The client ends its session. */
  delete(visit: HttpVisit): void {
    const session = this.#session(visit, null);
    if (session === undefined) return;
    this.sessions.close(session);
    visit.response.writeHead(204).end();
  }

  async #initialize(message: JsonRpcRequest, visit: HttpVisit): Promise<void> {
    const state = new ClientState();
    const { response, principal, remoteAddress } = visit;
    const { headers } = visit.request;
    const origin = { era: this.eras.legacy, principal, remoteAddress, headers, state, send: () => undefined };
    const exchange = new Exchange(origin);
    const reply = await this.dispatcher.handle(message, exchange);
    const session = state.initialized ? this.sessions.open(exchange.principal, state) : undefined;
    if (session !== undefined) return sendJson(response, reply, { [SESSION_HEADER]: session.id });
    if (!state.initialized) return sendJson(response, reply);
    refuseForRoom(response, message.id);
  }

  #session({ request, response, principal }: HttpVisit, id: JsonRpcRequest['id'] | null): Session | undefined {
    return findSession(this.sessions, request, response, { id, principal });
  }

  async #answer(session: Session, message: JsonRpcRequest, visit: HttpVisit): Promise<void> {
    const { response } = visit;
    const answer = new SessionAnswer(response, session, this.slow);
    const finished = this.status.connected();
    response.on('close', finished);
    const exchange = this.#exchange(session, visit, answer, () => answer.release());
    this.#deliver(await this.#reply(session, message, exchange), answer);
  }

  /** The reply to one request; `undefined` when its client gave it up. */
  async #reply(session: Session, message: JsonRpcRequest, exchange: Exchange): Promise<Reply | undefined> {
    session.begin(message.id, exchange);
    const reply = await this.dispatcher.handle(message, exchange);
    session.finish(message.id, exchange);
    return exchange.cancelled ? undefined : reply;
  }

  #deliver(reply: Reply | undefined, answer: SessionAnswer): void {
    if (reply === undefined) answer.end();
    else answer.reply(reply, this.status.draining ? CLOSE : undefined);
  }

  #batch(session: Session, messages: readonly unknown[], visit: HttpVisit): void {
    const { response } = visit;
    if (!isBatchable(session.state.protocolVersion, messages)) {
      return sendJson(
        response,
        refusal(null, 400, 'Batches belong to protocol version 2025-03-26 and have 1 to 50 messages.'),
      );
    }
    const answer = new SessionAnswer(response, session, this.slow);
    void answerBatch(messages, {
      request: (message) => this.#reply(session, message, this.#exchange(session, visit, answer)),
      notification: (message) => this.#notified(session, message),
      response: (message) => session.state.settle(message),
    }).then((reply) => this.#deliver(reply, answer));
  }

  /** The principal is the request's: its session's by key, but with what it may do now. */
  #exchange({ state }: Session, visit: HttpVisit, answer: Answer, release?: () => void): Exchange {
    const { request, principal, remoteAddress, waitedMs } = visit;
    return new Exchange({
      era: this.eras.legacy,
      principal,
      remoteAddress,
      waitedMs,
      headers: request.headers,
      state,
      send: (message, expendable) => answer.send(message, expendable),
      release,
    });
  }

  /** Only the session's own requests can be given up. */
  #notified(
    session: Session,
    { method, params }: { readonly method: string; readonly params?: Readonly<Record<string, unknown>> },
  ): void {
    if (method === 'notifications/cancelled') session.cancel(params?.['requestId']);
  }
}

function headerProblem({
  headers,
}: IncomingMessage): { readonly status: number; readonly message: string } | undefined {
  const accept = headers.accept ?? '';
  const acceptsBoth =
    accept.includes('*/*') || (accept.includes('application/json') && accept.includes('text/event-stream'));
  if (!acceptsBoth) return { status: 406, message: 'Accept must list both application/json and text/event-stream.' };
  const version = single(headers['mcp-protocol-version']);
  if (version === undefined || LEGACY_VERSIONS.includes(version)) return undefined;
  return { status: 400, message: `Unsupported protocol version: ${version}. Supported: ${LEGACY_VERSIONS.join(', ')}` };
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
