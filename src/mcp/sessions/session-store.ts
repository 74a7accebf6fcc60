import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ChangeBus, Telemetry, type Principal } from '../../core/index.js';
import { SlowClients } from '../limits/slow-clients.js';
import { McpOptions } from '../mcp.options.js';
import type { ClientState } from './client-state.js';
import { openSessions } from './session-metrics.js';
import { SessionTable } from './session-table.js';
import { Session } from './session.js';

/** The sessions of this process. */
@Injectable()
export class SessionStore implements BeforeApplicationShutdown {
  readonly #sessions: SessionTable<Session>;

  constructor(
    options: McpOptions,
    private readonly changes: ChangeBus,
    private readonly slow: SlowClients,
    telemetry: Telemetry,
  ) {
    this.#sessions = new SessionTable(options, openSessions(telemetry));
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** `undefined` when there is no room: sessions that are in use are not ended for a new one. */
  open(principal: Principal | undefined, state: ClientState): Session | undefined {
    return this.#sessions.open((id) => new Session(id, principal, state, this.changes, this.slow));
  }

  /** The session of this id, if it is this principal's. Counts as use. */
  find(id: string, principal: Principal | undefined): Session | undefined {
    return this.#sessions.find(id, principal);
  }

  /** Ends a session at its client's wish. */
  close(session: Session): void {
    this.#sessions.end(session);
  }

  /** After the calls have ended, and before the HTTP server waits for its connections. */
  beforeApplicationShutdown(): void {
    this.#sessions.endAll();
  }
}
