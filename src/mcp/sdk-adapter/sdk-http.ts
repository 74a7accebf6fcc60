import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { ServerStatus, Telemetry, isObject, redactError } from '../../core/index.js';
import { Access } from '../access/access.js';
import { StreamCredentials } from '../access/stream-credentials.js';
import { SlowClients } from '../limits/slow-clients.js';
import { McpOptions } from '../mcp.options.js';
import { RETRY_MS } from '../sessions/event-stream.js';
import { openSessions, openStreams } from '../sessions/session-metrics.js';
import { SessionTable } from '../sessions/session-table.js';
import type { HttpReceiver } from '../transports/streamable-http/http-door.js';
import type { HttpVisit } from '../transports/streamable-http/http-visit.js';
import { sendJson } from '../transports/streamable-http/refusal.js';
import { findSession, refuseEvent, refuseForRoom } from '../transports/streamable-http/session-lookup.js';
import { echoableId } from '../wire.js';
import { Sdk } from './sdk.js';
import { SdkClients } from './sdk-clients.js';
import { SdkEventStore } from './sdk-event-store.js';
import { SdkSession } from './sdk-session.js';

/** Streamable HTTP by the SDK's transport: which session a request belongs to is ours, everything else is its. */
@Injectable()
export class SdkHttp implements HttpReceiver, BeforeApplicationShutdown {
  readonly #sessions: SessionTable<SdkSession>;
  readonly #streams;
  readonly #logger = new Logger('Mcp');

  constructor(
    private readonly sdk: Sdk,
    private readonly clients: SdkClients,
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
    private readonly access: Access,
    private readonly credentials: StreamCredentials,
    private readonly slow: SlowClients,
    telemetry: Telemetry,
  ) {
    this.#sessions = new SessionTable(options, openSessions(telemetry));
    this.#streams = openStreams(telemetry);
  }

  post(body: unknown, visit: HttpVisit): void {
    const { response, principal } = visit;
    if (!this.access.admits(principal)) sendJson(response, this.access.refusal(echoableId(body), visit.remoteAddress));
    else if (isObject(body) && body['method'] === 'initialize') void this.#settle(response, this.#begin(body, visit));
    else this.#serve(visit, body);
  }

  get(visit: HttpVisit): void {
    const { request, response } = visit;
    const session = this.#session(visit);
    if (session === undefined) return;
    const last = request.headers['last-event-id'];
    if (typeof last === 'string' && !session.events.knows(last)) return refuseEvent(response);
    session.client.listen();
    this.#streams.add(1);
    const unfollow = this.credentials.follow(visit, () => response.destroy());
    response.once('close', () => {
      this.#streams.add(-1);
      unfollow();
    });
    void this.#settle(response, session.serve(visit));
  }

  delete(visit: HttpVisit): void {
    this.#serve(visit);
  }

  /** Ends the sessions. What was under way in them has come to its end before; it is sent within this turn. */
  async beforeApplicationShutdown(): Promise<void> {
    await nextTurn();
    this.#sessions.endAll();
  }

  async #begin(body: object, visit: HttpVisit): Promise<void> {
    let connected: Promise<void> | undefined;
    const session = this.#sessions.open((id) => {
      const client = this.clients.create(visit.principal);
      const events = new SdkEventStore();
      const transport = new this.sdk.HttpTransport({
        sessionIdGenerator: () => id,
        eventStore: events,
        retryInterval: RETRY_MS,
        keepAliveMs: this.options.keepAliveMs,
      });
      const opened = new SdkSession(id, client, events, transport);
      connected = client.connect(transport, () => this.#sessions.end(opened));
      return opened;
    });
    if (session === undefined) return refuseForRoom(visit.response, echoableId(body));
    await connected;
    await session.serve(visit, body);
    if (!session.begun) this.#sessions.end(session);
  }

  #serve(visit: HttpVisit, body?: unknown): void {
    const session = this.#session(visit, body);
    if (session !== undefined) void this.#settle(visit.response, session.serve(visit, body));
  }

  #session({ request, response, principal }: HttpVisit, body?: unknown): SdkSession | undefined {
    return findSession(this.#sessions, request, response, { id: echoableId(body), principal });
  }

  async #settle(response: ServerResponse, served: Promise<void>): Promise<void> {
    response.once('close', this.status.connected());
    this.slow.watch(response);
    try {
      await served;
    } catch (error) {
      this.#logger.error({ msg: 'the transport of the SDK failed', err: redactError(error) });
      response.destroy();
    }
  }
}
