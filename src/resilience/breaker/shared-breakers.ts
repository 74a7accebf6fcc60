import type { BreakerSettings, BreakerState } from './circuit-breaker.js';

/** The longest name that breakers are shared by; one with a longer name stays with its process. */
export const LONGEST_SHARED_NAME = 256;

/** A breaker as all processes know it. */
export interface SharedBreakerState {
  readonly name: string;
  /** Grows with every change: of two states the one with the larger version is the newer. */
  readonly version: number;
  /** Names the time since the last change of state; never 0. What a call of another period reports is late. */
  readonly period: number;
  readonly state: BreakerState;
  /** Faults in a row of all processes, while closed. */
  readonly faults: number;
  /** Milliseconds until an open breaker may be tried; 0 while closed. */
  readonly remainingMs: number;
}

/** What a process says of a breaker. */
export type BreakerEvent =
  /** How a call ended that began in this period; 0 where the process has not heard of any. */
  | { readonly kind: 'fault' | 'success'; readonly period: number }
  /** A call asks for a place among the trials; how it ended; that it ended and says nothing. */
  | { readonly kind: 'trial' | 'trial-fault' | 'trial-success' | 'trial-end'; readonly lease: string }
  /** An operator closes it. */
  | { readonly kind: 'reset' }
  /**
   * What it is in a process that was out of touch. It counts where the others know nothing newer; one that a process has
   * opened while it was `alone` also opens one that the others know as closed.
   */
  | {
      readonly kind: 'join';
      readonly state: 'closed' | 'open';
      readonly faults: number;
      readonly remainingMs: number;
      readonly alone: boolean;
    };

/** One event of one breaker. */
export interface BreakerReport {
  /** At most {@link LONGEST_SHARED_NAME} characters. */
  readonly name: string;
  readonly settings: BreakerSettings;
  /** The version that this process has heard of; 0 for none. What comes of the event is newer. */
  readonly known: number;
  readonly event: BreakerEvent;
}

/** What came of an event. */
export interface BreakerAnswer {
  readonly state: SharedBreakerState;
  /** Whether a trial may go on. Where the state is closed it needs no place, and reports as any other call. */
  readonly admitted: boolean;
}

/** Who hears what becomes of breakers. None of it may throw. */
export interface SharedBreakersListener {
  /** A breaker has changed, in any process; old news may come late, and any may come twice. */
  changed(state: SharedBreakerState): void;
  /** In touch with the others, for the first time or again: every breaker that is not closed, or has faults in a row. */
  joined(states: readonly SharedBreakerState[]): void;
  /** Out of touch, once until {@link joined}. */
  left(reason: unknown): void;
}

/**
 * The breakers of all processes of a server by name: a success of any ends the row of faults, and what opens or closes
 * in one does in all. At most `halfOpenMaxCalls` trials run at once over all of them; one that says nothing for
 * `timeoutMs` makes room for another.
 */
export abstract class SharedBreakers {
  /** Whether the others are there; while they are not, {@link report} rejects at once. */
  abstract readonly reachable: boolean;
  /** Tells a listener from now on, and what there is as soon as it is known. */
  abstract listen(listener: SharedBreakersListener): void;
  /** Rejects within 250 ms when the others cannot be told. What changes is told to every listener, also to this one's. */
  abstract report(report: BreakerReport): Promise<BreakerAnswer>;
}

/** Whether a breaker of this name can be shared: not too long, and what it is in UTF-8 is no other name's. */
export function isSharable(name: string): boolean {
  return name.length > 0 && name.length <= LONGEST_SHARED_NAME && !/\p{Surrogate}/u.test(name);
}
