import { Injectable, Optional } from '@nestjs/common';
import { Telemetry } from '../../core/index.js';
import { ResilienceOptions } from '../resilience.options.js';
import type { Breaker } from './breaker.js';
import { BreakerSharing } from './breaker-sharing.js';
import { CircuitBreaker, type BreakerSettings, type BreakerState } from './circuit-breaker.js';
import { SharedBreakers, isSharable } from './shared-breakers.js';

/** A breaker as operators see it. */
export interface BreakerStatus {
  readonly name: string;
  readonly state: BreakerState;
  /** Faults in a row, while closed. */
  readonly faults: number;
  /** Seconds until it may be tried again; 0 while closed. */
  readonly retryAfterSeconds: number;
}

/** Settings that differ from those of the configuration, in the units of the guide. */
export interface BreakerOverrides {
  readonly failureThreshold?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly halfOpenMaxCalls?: number | undefined;
}

/** How a state stands in `rookery_breaker_state`. */
const LEVELS: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/**
 * The breakers of this server by name: those of its tools, and whatever else may fail as a whole: an upstream server, a
 * provider of language models, a shared store. With `circuitBreaker.enabled: false` there are none.
 *
 * Where processes share something (Redis), those of one name open and close in all of them.
 */
@Injectable()
export class CircuitBreakers {
  readonly #breakers = new Map<string, Breaker>();
  /** What everybody gets where there are no breakers. */
  readonly #neverOpen = new CircuitBreaker({ failureThreshold: Infinity, timeoutMs: 0, halfOpenMaxCalls: Infinity });
  readonly #state;
  readonly #transitions;
  readonly #sharing: BreakerSharing | undefined;

  constructor(
    private readonly options: ResilienceOptions,
    telemetry: Telemetry,
    @Optional() shared?: SharedBreakers,
  ) {
    this.#state = telemetry.gauge({
      name: 'rookery_breaker_state',
      help: 'The state of each circuit breaker: 0 closed, 1 half open, 2 open.',
      labels: ['tool'],
    });
    this.#transitions = telemetry.counter({
      name: 'rookery_breaker_transitions_total',
      help: 'Changes of state of circuit breakers, by breaker and new state.',
      labels: ['tool', 'state'],
    });
    if (shared !== undefined && options.circuitBreaker.enabled) this.#sharing = new BreakerSharing(shared, telemetry);
  }

  /** Whether what happens to breakers is shared with other processes now; `undefined` where it never is. */
  get shared(): boolean | undefined {
    return this.#sharing?.reachable;
  }

  /**
   * The breaker of that name; it is made when first asked for. Where breakers are off it never opens, and is not listed.
   *
   * @param overrides - what differs from the configuration; without, whatever it was made with
   * @throws Error when it was made with other settings
   */
  get(name: string, overrides?: BreakerOverrides): Breaker {
    return this.#get(name, overrides, (settings) =>
      this.#sharing !== undefined && isSharable(name)
        ? this.#sharing.make(name, settings)
        : new CircuitBreaker(settings),
    );
  }

  /** One that this process keeps to itself, before what processes share; else as {@link get}. */
  local(name: string, overrides: BreakerOverrides): CircuitBreaker {
    const breaker = this.#get(name, overrides, (settings) => new CircuitBreaker(settings));
    if (breaker instanceof CircuitBreaker) return breaker;
    throw new Error(`The circuit breaker "${name}" is shared already; give one of the places another name.`);
  }

  #get(name: string, overrides: BreakerOverrides | undefined, make: (settings: BreakerSettings) => Breaker): Breaker {
    if (!this.options.circuitBreaker.enabled) return this.#neverOpen;
    const known = this.#breakers.get(name);
    if (known !== undefined) {
      if (overrides !== undefined && !sameSettings(known.settings, this.#settings(overrides))) {
        throw new Error(
          `The circuit breaker "${name}" is used with two different settings; give one of the places another name, or both the same settings.`,
        );
      }
      return known;
    }
    const breaker = make(this.#settings(overrides ?? {}));
    this.#breakers.set(name, breaker);
    const state = this.#state.bind({ tool: name });
    state.set(LEVELS.closed);
    breaker.onChange(({ to }) => {
      state.set(LEVELS[to]);
      this.#transitions.bind({ tool: name, state: to }).add(1);
    });
    return breaker;
  }

  /** Every breaker that has been asked for, and those that are not closed elsewhere, by name. */
  status(): readonly BreakerStatus[] {
    const own = [...this.#breakers].map(([name, breaker]) => statusOf(name, breaker, breaker.retryAfterMs));
    const others = this.#sharing?.strangers() ?? [];
    return [...own, ...others.map((other) => statusOf(other.name, other, other.remainingMs))].toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }

  /** Closes a breaker by hand, in all processes; whether there is one of that name. */
  reset(name: string): boolean {
    const breaker = this.#breakers.get(name);
    breaker?.reset();
    return breaker !== undefined || (this.#sharing?.reset(name) ?? false);
  }

  #settings({
    failureThreshold = this.options.circuitBreaker.failureThreshold,
    timeoutSeconds = this.options.circuitBreaker.timeoutSeconds,
    halfOpenMaxCalls = this.options.circuitBreaker.halfOpenMaxCalls,
  }: BreakerOverrides): BreakerSettings {
    return { failureThreshold, timeoutMs: timeoutSeconds * 1000, halfOpenMaxCalls };
  }
}

function statusOf(
  name: string,
  { state, faults }: Pick<BreakerStatus, 'state' | 'faults'>,
  retryAfterMs: number,
): BreakerStatus {
  return { name, state, faults, retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
}

function sameSettings(a: BreakerSettings, b: BreakerSettings): boolean {
  return (
    a.failureThreshold === b.failureThreshold &&
    a.timeoutMs === b.timeoutMs &&
    a.halfOpenMaxCalls === b.halfOpenMaxCalls
  );
}
