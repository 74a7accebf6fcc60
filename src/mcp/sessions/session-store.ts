import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ChangeBus, type Principal } from '../../core/index.js';
import { McpOptions } from '../mcp.options.js';
import type { ClientState } from './client-state.js';
import { Session } from './session.js';

const SWEEP_MS = 30_000;

/** The sessions of this process: limited in number, gone after long silence, each bound to who began it. */
@Injectable()
export class SessionStore implements OnModuleDestroy {
  /** Least recently used first. */
  readonly #sessions = new Map<string, Session>();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: McpOptions,
    private readonly changes: ChangeBus,
  ) {}

  get size(): number {
    return this.#sessions.size;
  }

  /** `undefined` when there is no room: sessions that are in use are not ended for a new one. */
  open(principal: Principal | undefined, state: ClientState): Session | undefined {
    if (this.#sessions.size >= this.options.maxSessions) this.#sweep();
    if (this.#sessions.size >= this.options.maxSessions) return undefined;
    const session = new Session(randomUUID(), principal, state, this.changes);
    this.#sessions.set(session.id, session);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return session;
  }

  /** The session of this id, if it is this principal's. Counts as use. */
  find(id: string, principal: Principal | undefined): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.principal?.id !== principal?.id) return undefined;
    if (this.#expired(session, performance.now())) {
      this.#end(session);
      return undefined;
    }
    session.lastUsed = performance.now();
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Ends a session at its client's wish. */
  close(session: Session): void {
    this.#end(session);
  }

  onModuleDestroy(): void {
    clearInterval(this.#sweeper);
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  #expired(session: Session, now: number): boolean {
    return now - session.lastUsed > this.options.sessionIdleMs && !session.busy;
  }

  #sweep(): void {
    const now = performance.now();
    for (const session of this.#sessions.values()) {
      if (now - session.lastUsed <= this.options.sessionIdleMs) return;
      if (this.#expired(session, now)) this.#end(session);
    }
  }

  #end(session: Session): void {
    this.#sessions.delete(session.id);
    session.close();
    if (this.#sessions.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
