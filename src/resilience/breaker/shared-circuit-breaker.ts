import { randomUUID } from 'node:crypto';
import type { Breaker, BreakerPermit, BreakerTrial } from './breaker.js';
import type { BreakerSettings, BreakerState, BreakerTransition, CircuitBreaker } from './circuit-breaker.js';
import type { BreakerEvent, SharedBreakers, SharedBreakerState } from './shared-breakers.js';

/**
 * A breaker that opens and closes in all processes.
 *
 * A breaker of this process refuses and lets pass; it changes when the others say so, be it of an event of its own. So
 * calls pass as they would without others while it is closed, and are refused as they would while it is open: nobody is
 * asked. Faults are told, and the first success after a fault; neither is waited for. Only a call that wants to try it
 * waits for a place, for 250 ms at most.
 *
 * What the others cannot be told happens to the breaker of this process, and to the others when they are there again.
 */
export class SharedCircuitBreaker implements Breaker {
  /** Of what was heard last. */
  #version = 0;
  #period = 0;
  /** Whether there may be faults in a row that the next success ends. */
  #failing = false;
  /** Whether something happened here that the others have not been told. */
  #strayed = false;
  /** Calls that wait for a place among the trials. */
  #asking = 0;
  /** Faults that were told and not answered yet. */
  #unanswered = 0;

  /**
   * @param local - the breaker of this process
   * @param onAlone - told of every event that only this process knows of
   */
  constructor(
    readonly name: string,
    private readonly local: CircuitBreaker,
    private readonly shared: SharedBreakers,
    private readonly onAlone: (kind: BreakerEvent['kind']) => void,
  ) {}

  get settings(): BreakerSettings {
    return this.local.settings;
  }

  get state(): BreakerState {
    return this.local.state;
  }

  get faults(): number {
    return this.local.faults;
  }

  get retryAfterMs(): number {
    return this.local.retryAfterMs;
  }

  enter(): BreakerPermit | undefined | Promise<BreakerPermit | undefined> {
    const { local } = this;
    if (local.state === 'closed') return local.enter();
    if (local.state === 'open' && local.retryAfterMs > 0) return undefined;
    if (this.#isAlone) return this.#tryAlone();
    return this.#asking < this.settings.halfOpenMaxCalls ? this.#try() : undefined;
  }

  succeeded(permit: BreakerPermit): void {
    if (typeof permit === 'object')
      this.#tell(ended('trial-success', permit), () => this.local.succeeded(permit.permit));
    else if (!this.#failing) this.local.succeeded(permit);
    else if (permit === this.local.period) {
      this.#failing = false;
      this.#tell({ kind: 'success', period: this.#period }, () => this.local.succeeded(permit));
    }
  }

  failed(permit: BreakerPermit): void {
    if (typeof permit === 'object') this.#tell(ended('trial-fault', permit), () => this.local.failed(permit.permit));
    else if (permit === this.local.period) this.#fault(permit);
  }

  ignored(permit: BreakerPermit): void {
    if (typeof permit === 'object') this.#tell(ended('trial-end', permit), () => undefined);
    else this.local.ignored(permit);
  }

  reset(): void {
    this.local.reset();
    this.#failing = false;
    this.#tell({ kind: 'reset' }, () => undefined);
  }

  onChange(listener: (transition: BreakerTransition) => void): () => void {
    return this.local.onChange(listener);
  }

  /** Takes over what is known of it elsewhere, unless that is old, or the others are still to be told what happened here. */
  heard({ version, period, state, faults, remainingMs }: SharedBreakerState): void {
    if (this.#strayed || version <= this.#version) return;
    const anew = this.#period !== 0 && this.#period !== period;
    this.#version = version;
    this.#period = period;
    this.#failing = faults > 0;
    this.local.become(state, { faults, remainingMs, anew });
  }

  /**
   * In touch with the others again: what this process did alone is told to them, and what they have lost.
   *
   * @param state - what they say of it; `undefined` when that it is closed
   */
  joined(state: SharedBreakerState | undefined): void {
    if (state !== undefined) this.heard(state);
    const lost = state === undefined ? this.local.state !== 'closed' : state.version < this.#version;
    if (this.#strayed || lost) this.#join();
  }

  get #isAlone(): boolean {
    return this.#strayed || !this.shared.reachable;
  }

  /** Tells the others what it is here. */
  #join(): void {
    const { local } = this;
    const event: BreakerEvent = {
      kind: 'join',
      state: local.state === 'closed' ? 'closed' : 'open',
      faults: local.faults,
      // Whoever tries it alone tries with all the others from now on.
      remainingMs: local.state === 'open' ? local.retryAfterMs : 0,
      alone: this.#strayed,
    };
    // Out of touch again, it will be joined once more.
    this.#report(event).catch(() => undefined);
  }

  async #try(): Promise<BreakerPermit | undefined> {
    const lease = randomUUID();
    this.#asking++;
    try {
      const { admitted, state } = await this.#report({ kind: 'trial', lease });
      if (!admitted) return undefined;
      const permit = this.local.period;
      return state === 'closed' ? permit : { lease, permit };
    } catch {
      return this.#tryAlone();
    } finally {
      this.#asking--;
    }
  }

  #tryAlone(): BreakerPermit | undefined {
    const permit = this.local.enter();
    if (permit !== undefined) this.#stray('trial');
    return permit;
  }

  /**
   * Refuses at once after what is the last fault of a row by all that was heard, as the next call may come before the
   * answer; that sets it right where another process has had a success. Of faults at once the answers decide.
   */
  #fault(permit: number): void {
    const { local, settings } = this;
    this.#failing = true;
    const last = this.#unanswered === 0 && local.faults + 1 >= settings.failureThreshold;
    this.#tell({ kind: 'fault', period: this.#period }, () => local.failed(permit));
    if (last && local.state === 'closed')
      local.become('open', { faults: 0, remainingMs: settings.timeoutMs, anew: false });
  }

  /** @param alone - does the same to this process alone */
  #tell(event: BreakerEvent, alone: () => void): void {
    const here = (): void => {
      this.#stray(event.kind);
      alone();
      // One event was lost, and the others are there: nobody will call `joined` for it.
      if (this.shared.reachable) this.#join();
    };
    if (this.#isAlone) here();
    else this.#report(event).catch(here);
  }

  async #report(event: BreakerEvent): Promise<{ readonly admitted: boolean; readonly state: BreakerState }> {
    const { name, settings } = this;
    const faults = event.kind === 'fault' ? 1 : 0;
    this.#unanswered += faults;
    try {
      const { admitted, state } = await this.shared.report({ name, settings, known: this.#version, event });
      if (event.kind === 'join') this.#strayed = false;
      this.heard(state);
      return { admitted, state: state.state };
    } finally {
      this.#unanswered -= faults;
    }
  }

  #stray(kind: BreakerEvent['kind']): void {
    this.#strayed = true;
    this.onAlone(kind);
  }
}

function ended(kind: 'trial-fault' | 'trial-success' | 'trial-end', { lease }: BreakerTrial): BreakerEvent {
  return { kind, lease };
}
