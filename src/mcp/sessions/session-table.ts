import { randomUUID } from 'node:crypto';
import { principalKey, type Principal } from '../../core/index.js';

const SWEEP_MS = 30_000;

/** What a table of sessions needs to know of each. */
export interface TabledSession {
  readonly id: string;
  /** Who began it. */
  readonly principal: Principal | undefined;
  /** Set by the table. */
  lastUsed: number;
  /** Whether a request is under way or somebody is connected to it. */
  readonly busy: boolean;
  close(): void;
}

/** How many sessions there may be, and how long one may be silent. */
export interface SessionLimits {
  readonly maxSessions: number;
  readonly sessionIdleMs: number;
}

/** Sessions by their ids: limited in number, gone after long silence, each bound to who began it. */
export class SessionTable<S extends TabledSession> {
  /** Least recently used first. */
  readonly #sessions = new Map<string, S>();
  #sweeper: NodeJS.Timeout | undefined;

  /** @param counted - counts the sessions that are open, with those of other tables */
  constructor(
    private readonly limits: SessionLimits,
    private readonly counted: { add(value: number): void } = { add: () => undefined },
  ) {}

  get size(): number {
    return this.#sessions.size;
  }

  /** `undefined` when there is no room: sessions that are in use are not ended for a new one. */
  open(make: (id: string) => S): S | undefined {
    if (this.#sessions.size >= this.limits.maxSessions) this.#sweep();
    if (this.#sessions.size >= this.limits.maxSessions) return undefined;
    const session = make(randomUUID());
    this.#sessions.set(session.id, session);
    this.counted.add(1);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return session;
  }

  /** The session of this id, if it is this principal's. Counts as use. */
  find(id: string, principal: Principal | undefined): S | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || principalKey(session.principal) !== principalKey(principal)) return undefined;
    if (this.#expired(session, performance.now())) {
      this.end(session);
      return undefined;
    }
    session.lastUsed = performance.now();
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  end(session: S): void {
    if (this.#sessions.delete(session.id)) this.counted.add(-1);
    session.close();
    if (this.#sessions.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  all(): readonly S[] {
    return [...this.#sessions.values()];
  }

  endAll(): void {
    for (const session of this.all()) this.end(session);
  }

  #expired(session: S, now: number): boolean {
    return now - session.lastUsed > this.limits.sessionIdleMs && !session.busy;
  }

  #sweep(): void {
    const now = performance.now();
    for (const session of this.#sessions.values()) {
      if (now - session.lastUsed <= this.limits.sessionIdleMs) return;
      if (this.#expired(session, now)) this.end(session);
    }
  }
}
