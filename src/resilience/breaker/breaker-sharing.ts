import { Logger } from '@nestjs/common';
import { redactText, type Counter, type Telemetry } from '../../core/index.js';
import { CircuitBreaker, type BreakerSettings } from './circuit-breaker.js';
import { SharedCircuitBreaker } from './shared-circuit-breaker.js';
import type { SharedBreakers, SharedBreakersListener, SharedBreakerState } from './shared-breakers.js';

/** States that are kept of breakers which this process has not made yet. */
const MOST_STRANGERS = 10_000;

/** Who has not made a breaker does not know its settings, and closes it without them. */
const UNKNOWN: BreakerSettings = { failureThreshold: 1, timeoutMs: 0, halfOpenMaxCalls: 1 };

/** What was heard, and when. */
interface Heard {
  readonly state: SharedBreakerState;
  readonly at: number;
}

/** Makes the breakers of this process that others share, and brings each what is heard of it. */
export class BreakerSharing implements SharedBreakersListener {
  readonly #breakers = new Map<string, SharedCircuitBreaker>();
  /** Of breakers that this process makes when they are first asked for: one that is open must not let that call through. */
  readonly #strangers = new Map<string, Heard>();
  readonly #logger = new Logger('Breakers');
  readonly #failures: Counter;
  #away = false;

  /** @param now - milliseconds, never going back */
  constructor(
    private readonly shared: SharedBreakers,
    telemetry: Telemetry,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#failures = telemetry.counter({
      name: 'rookery_breaker_share_failures_total',
      help: 'Events of circuit breakers that only this process knows of, as what processes share did not answer, by kind.',
      labels: ['event'],
    });
    shared.listen(this);
  }

  /** Whether what happens is shared at the moment. */
  get reachable(): boolean {
    return this.shared.reachable;
  }

  /** A breaker of this name, in the state that is known of it. */
  make(name: string, settings: BreakerSettings): SharedCircuitBreaker {
    const local = new CircuitBreaker(settings, this.now);
    const breaker = new SharedCircuitBreaker(name, local, this.shared, (event) =>
      this.#failures.bind({ event }).add(1),
    );
    this.#breakers.set(name, breaker);
    const heard = this.#strangers.get(name);
    this.#strangers.delete(name);
    if (heard !== undefined) breaker.heard(this.#now(heard));
    return breaker;
  }

  /** What others have opened, or see failing, and this process has not made. */
  strangers(): readonly SharedBreakerState[] {
    return [...this.#strangers.values()].map((heard) => this.#now(heard));
  }

  /** Closes one of {@link strangers}; whether there is one of that name. */
  reset(name: string): boolean {
    const known = this.#strangers.get(name)?.state.version;
    if (known === undefined) return false;
    this.shared
      .report({ name, settings: UNKNOWN, known, event: { kind: 'reset' } })
      .catch(() => this.#failures.bind({ event: 'reset' }).add(1));
    return true;
  }

  changed(state: SharedBreakerState): void {
    const breaker = this.#breakers.get(state.name);
    if (breaker === undefined) this.#keep(state);
    else breaker.heard(state);
  }

  joined(states: readonly SharedBreakerState[]): void {
    if (this.#away) this.#logger.log({ msg: 'circuit breakers are shared again' });
    this.#away = false;
    const known = new Map(states.map((state) => [state.name, state]));
    for (const [name, breaker] of this.#breakers) breaker.joined(known.get(name));
    for (const name of this.#strangers.keys()) if (!known.has(name)) this.#strangers.delete(name);
    for (const state of states) if (!this.#breakers.has(state.name)) this.#keep(state);
  }

  left(reason: unknown): void {
    this.#away = true;
    const text = redactText(reason instanceof Error ? reason.message : String(reason));
    this.#logger.warn({ msg: 'circuit breakers are not shared: this process decides alone', reason: text });
  }

  #now({ state, at }: Heard): SharedBreakerState {
    return { ...state, remainingMs: Math.max(0, state.remainingMs - (this.now() - at)) };
  }

  #keep(state: SharedBreakerState): void {
    const { name, version } = state;
    if (version <= (this.#strangers.get(name)?.state.version ?? 0)) return;
    if (state.state === 'closed' && state.faults === 0) this.#strangers.delete(name);
    else if (this.#strangers.size < MOST_STRANGERS || this.#strangers.has(name)) {
      this.#strangers.set(name, { state, at: this.now() });
    }
  }
}
