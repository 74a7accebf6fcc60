import type { BreakerState } from './circuit-breaker.js';
import type { BreakerAnswer, BreakerEvent, BreakerReport, SharedBreakerState } from './shared-breakers.js';

/** One breaker that all processes share: what {@link SharedBreakers} promises, as memory on a clock that is given. */
export class SharedBreakerRecord {
  #version = 0;
  #period = 0;
  #state: BreakerState = 'closed';
  #faults = 0;
  /** When an open one may be tried. */
  #until = 0;
  /** The trials under way, and when each makes room for another. */
  readonly #leases = new Map<string, number>();

  constructor(private readonly name: string) {}

  /** Neither open nor failing: nothing that a process must be told when it comes. */
  get quiet(): boolean {
    return this.#state === 'closed' && this.#faults === 0;
  }

  /** As it is at this time. */
  state(now: number): SharedBreakerState {
    return {
      name: this.name,
      version: this.#version,
      period: this.#period,
      state: this.#state,
      faults: this.#faults,
      remainingMs: this.#state === 'closed' ? 0 : Math.max(0, this.#until - now),
    };
  }

  /** What comes of an event; a change has a new version. */
  apply({ event, settings, known }: BreakerReport, now: number): BreakerAnswer {
    const { failureThreshold, timeoutMs, halfOpenMaxCalls } = settings;
    let admitted = false;
    switch (event.kind) {
      case 'fault':
        if (!this.#counts(event)) break;
        this.#become('closed', this.#faults + 1, known);
        if (this.#faults >= failureThreshold) this.#begin('open', now + timeoutMs, known);
        break;
      case 'success':
        if (this.#faults > 0 && this.#counts(event)) this.#become('closed', 0, known);
        break;
      case 'trial':
        if (this.#state === 'open' && now >= this.#until) this.#begin('half-open', now + timeoutMs, known);
        admitted = this.#state === 'closed' || this.#lease(event.lease, now, timeoutMs, halfOpenMaxCalls);
        break;
      case 'trial-fault':
        if (this.#leases.has(event.lease)) this.#begin('open', now + timeoutMs, known);
        break;
      case 'trial-success':
        if (this.#leases.has(event.lease)) this.#begin('closed', 0, known);
        break;
      case 'trial-end':
        this.#leases.delete(event.lease);
        break;
      case 'reset':
        this.#begin('closed', 0, known);
        break;
      case 'join':
        if (this.#isNews(event, known)) {
          this.#begin(event.state, now + event.remainingMs, known);
          this.#faults = event.faults;
        }
        break;
    }
    return { state: this.state(now), admitted };
  }

  /** A trial holds a lease instead: here only calls of the closed breaker count, and of this period. */
  #counts({ period }: { readonly period: number }): boolean {
    if (this.#state !== 'closed') return false;
    if (this.#period === 0) this.#period = period;
    return period === 0 || period === this.#period;
  }

  #lease(lease: string, now: number, timeoutMs: number, most: number): boolean {
    if (this.#state !== 'half-open') return false;
    for (const [other, until] of this.#leases) if (until <= now) this.#leases.delete(other);
    if (this.#leases.size >= most) return false;
    this.#leases.set(lease, now + timeoutMs);
    return true;
  }

  #isNews({ state, alone }: Extract<BreakerEvent, { kind: 'join' }>, known: number): boolean {
    if (this.#version < known) return true;
    return alone && (this.#version === known || (state === 'open' && this.#state === 'closed'));
  }

  /** Begins a period. */
  #begin(state: BreakerState, until: number, known: number): void {
    this.#until = until;
    this.#period = 0;
    this.#leases.clear();
    this.#become(state, 0, known);
  }

  #become(state: BreakerState, faults: number, known: number): void {
    this.#state = state;
    this.#faults = faults;
    this.#version = Math.max(this.#version, known) + 1;
    if (this.#period === 0) this.#period = this.#version;
  }
}
