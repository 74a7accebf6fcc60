/** `closed` lets calls pass, `open` refuses them, `half-open` tries a few. */
export type BreakerState = 'closed' | 'half-open' | 'open';

/** When a breaker opens, and how it closes again. */
export interface BreakerSettings {
  /** Faults in a row that open it. */
  readonly failureThreshold: number;
  /** How long it stays open. */
  readonly timeoutMs: number;
  /** Calls under way at once while it is half open. */
  readonly halfOpenMaxCalls: number;
}

/** One change of state. */
export interface BreakerTransition {
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** What a breaker takes over beside a state. */
export interface BreakerTakeover {
  readonly faults: number;
  readonly remainingMs: number;
  readonly anew: boolean;
}

/**
 * Leaves alone what keeps failing (Nygard, Release It!).
 *
 * Closed, it counts faults in a row; at the threshold it opens and refuses. After its time the next call finds it half
 * open: so many calls at once may try, the first that succeeds closes it, the first that fails opens it again. Trials
 * of which nothing is heard for the same time make room for others. A result counts only in the period its call began
 * in: what comes back late says nothing about now.
 */
export class CircuitBreaker {
  #state: BreakerState = 'closed';
  /** Counts periods: with every change of state a new one begins. */
  #period = 0;
  #faults = 0;
  #trials = 0;
  /** When an open breaker may be tried; when a half open one admits new trials. */
  #until = 0;
  readonly #listeners = new Set<(transition: BreakerTransition) => void>();

  /** @param now - milliseconds, never going back */
  constructor(
    readonly settings: BreakerSettings,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** An open breaker whose time has passed stays `open` until the next call tries. */
  get state(): BreakerState {
    return this.#state;
  }

  /** Faults in a row, while closed. */
  get faults(): number {
    return this.#faults;
  }

  /** The permit of calls that pass while it is closed; a new one with every change of state. */
  get period(): number {
    return this.#period;
  }

  /** Milliseconds until a refused call is worth another try. */
  get retryAfterMs(): number {
    return this.#state === 'closed' ? 0 : Math.max(0, this.#until - this.now());
  }

  /** A permit, to be given back once by {@link succeeded}, {@link failed} or {@link ignored}; `undefined` refuses. */
  enter(): number | undefined {
    if (this.#state === 'closed') return this.#period;
    if (this.now() >= this.#until) this.#change('half-open');
    if (this.#state === 'open' || this.#trials >= this.settings.halfOpenMaxCalls) return undefined;
    this.#trials++;
    return this.#period;
  }

  /** The call behind the permit did what it should. */
  succeeded(permit: number): void {
    if (permit !== this.#period) return;
    this.#faults = 0;
    if (this.#state === 'half-open') this.#change('closed');
  }

  /** The call behind the permit failed through a fault of what was called. */
  failed(permit: number): void {
    if (permit !== this.#period) return;
    this.#faults++;
    if (this.#state === 'half-open' || this.#faults >= this.settings.failureThreshold) this.#change('open');
  }

  /** The call behind the permit ended in a way that says nothing about what was called. */
  ignored(permit: number): void {
    if (permit === this.#period && this.#state === 'half-open') this.#trials--;
  }

  /** Closes it by hand. */
  reset(): void {
    if (this.#state === 'closed') this.#faults = 0;
    else this.#change('closed');
  }

  /**
   * Takes over what was decided elsewhere: a state, the faults in a row, and when it may be tried. `anew` begins a period
   * also where the state stays.
   */
  become(state: BreakerState, { faults, remainingMs, anew }: BreakerTakeover): void {
    if (anew || state !== this.#state) this.#change(state);
    this.#faults = faults;
    this.#until = state === 'closed' ? 0 : this.now() + remainingMs;
  }

  /** Hears of every change of state; returns how to stop. Must not throw. */
  onChange(listener: (transition: BreakerTransition) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #change(to: BreakerState): void {
    const from = this.#state;
    this.#state = to;
    this.#period++;
    this.#faults = 0;
    this.#trials = 0;
    this.#until = to === 'closed' ? 0 : this.now() + this.settings.timeoutMs;
    if (from === to) return;
    for (const listener of this.#listeners) listener({ from, to });
  }
}
