import type { BreakerSettings, BreakerState, BreakerTransition } from './circuit-breaker.js';

/** What a call holds that tries a breaker which all processes share. */
export interface BreakerTrial {
  /** Names the place that it takes among all trials. */
  readonly lease: string;
  /** The permit that it would have in this process alone. */
  readonly permit: number;
}

/** What a call holds that was let through, until it gives it back. */
export type BreakerPermit = number | BreakerTrial;

/** What stands before something that may keep failing: a `CircuitBreaker`, or one that all processes share. */
export interface Breaker {
  readonly settings: BreakerSettings;
  /** An open breaker whose time has passed stays `open` until the next call tries. */
  readonly state: BreakerState;
  /** Faults in a row, while closed. */
  readonly faults: number;
  /** Milliseconds until a refused call is worth another try. */
  readonly retryAfterMs: number;
  /**
   * A permit, to be given back once by {@link succeeded}, {@link failed} or {@link ignored}; `undefined` refuses. A
   * promise, which never rejects, only where other processes must be asked: while it is half open or may be tried.
   */
  enter(): BreakerPermit | undefined | Promise<BreakerPermit | undefined>;
  /** The call behind the permit did what it should. */
  succeeded(permit: BreakerPermit): void;
  /** The call behind the permit failed through a fault of what was called. */
  failed(permit: BreakerPermit): void;
  /** The call behind the permit ended in a way that says nothing about what was called. */
  ignored(permit: BreakerPermit): void;
  /** Closes it by hand. */
  reset(): void;
  /** Hears of every change of state in this process; returns how to stop. Must not throw. */
  onChange(listener: (transition: BreakerTransition) => void): () => void;
}
