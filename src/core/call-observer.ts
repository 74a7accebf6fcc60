import type { Call } from './call.js';
import type { MaybePromise } from './maybe-promise.js';
import type { OutcomeCode } from './outcome-code.js';
import type { Outcome } from './outcome.js';
import type { CallKind } from './target-parts.js';

/** An attempt that never became a call: a wrong credential at the door, a target that does not exist. */
export interface RefusedAttempt {
  readonly kind: CallKind | 'request';
  readonly outcome: OutcomeCode;
  readonly remoteAddress?: string | undefined;
  /** Why, for operators; never for the client. */
  readonly reason: string;
}

/**
 * Stands around every call: audit, metrics, traces. An observer registers itself with {@link CallObservers} in
 * `onModuleInit` and implements what it needs.
 */
export abstract class CallObserver {
  /** Before anything is decided. May throw a `RookeryError` to refuse the call; the others hear of it all the same. */
  start?(call: Call): void;
  /**
   * Runs the rest of the call inside, for what must be active meanwhile. Must return what `next` returns: an outcome, or
   * a promise of it where the call had to wait. Both may throw.
   */
  run?(call: Call, next: () => MaybePromise<Outcome>): MaybePromise<Outcome>;
  /** Every end, refusals included. A returned promise is awaited before the answer goes out. Must not throw. */
  end?(call: Call, outcome: Outcome): void | Promise<void>;
  /** What was refused before it became a call. */
  refused?(attempt: RefusedAttempt): void;
}

/** An observer that runs calls inside. */
export type RunObserver = CallObserver & Required<Pick<CallObserver, 'run'>>;

/** The observers of this server, in the order in which they registered. */
export class CallObservers {
  #observers: readonly CallObserver[] = [];
  #wrapping: readonly RunObserver[] = [];

  /** Observers seen by calls that start from now on. */
  get all(): readonly CallObserver[] {
    return this.#observers;
  }

  /** Those among them that run calls inside. */
  get wrapping(): readonly RunObserver[] {
    return this.#wrapping;
  }

  add(observer: CallObserver): void {
    this.#observers = [...this.#observers, observer];
    this.#wrapping = this.#observers.filter((known): known is RunObserver => known.run !== undefined);
  }

  /** Tells everybody of an attempt that never became a call. */
  refused(attempt: RefusedAttempt): void {
    for (const observer of this.#observers) observer.refused?.(attempt);
  }
}
