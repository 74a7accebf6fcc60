import { RookeryError, type Telemetry } from '../../core/index.js';
import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { answeredBy } from '../deadlines/answered-by.js';
import type { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { ALLOWED, LimitStore, type LimitRequest, type LimitUsage, type LimitVerdict } from './limit-store.js';

/** What happens to calls while the store does not answer. */
export type StoreFailureReaction = 'local' | 'allow' | 'refuse';

/** Seconds after which a call is worth repeating that was refused because the store did not answer. */
const RETRY_AFTER = 1;

/** What stands around a store that may fail. */
export interface GuardedLimitStoreOptions {
  readonly reaction: StoreFailureReaction;
  readonly timeoutMs: number;
  /** Keeps calls from waiting for a store that has just failed to answer others. */
  readonly breaker: CircuitBreaker;
  readonly wheel: DeadlineWheel;
  readonly telemetry: Telemetry;
  /** Told once whenever the store stops answering. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * A shared store that never holds a call up: every answer has a time limit, a store that keeps failing is not asked for
 * a while, and what happens to the calls meanwhile is configured and counted.
 */
export class GuardedLimitStore extends LimitStore {
  readonly #failures;

  /** @param local - counts for this process while the store does not answer */
  constructor(
    private readonly store: LimitStore,
    private readonly local: LimitStore,
    private readonly options: GuardedLimitStoreOptions,
  ) {
    super();
    this.#failures = options.telemetry
      .counter({
        name: 'rookery_limit_store_failures_total',
        help: 'Calls whose limits the shared store did not check, by what happened to them.',
        labels: ['reaction'],
      })
      .bind({ reaction: options.reaction });
  }

  override take(requests: readonly LimitRequest[]): LimitVerdict | Promise<LimitVerdict> {
    const { breaker } = this.options;
    const permit = breaker.enter();
    if (permit === undefined) return this.#react(requests);
    let answer: LimitVerdict | Promise<LimitVerdict>;
    try {
      answer = this.store.take(requests);
    } catch (error) {
      return this.#failed(permit, error, requests);
    }
    if (!(answer instanceof Promise)) {
      breaker.succeeded(permit);
      return answer;
    }
    return this.#inTime(answer).then(
      (verdict) => {
        breaker.succeeded(permit);
        return verdict;
      },
      (error: unknown) => this.#failed(permit, error, requests),
    );
  }

  /** While the store does not answer: what this process has counted; NaN where it lets everything through. */
  override async usage(requests: readonly LimitRequest[]): Promise<LimitUsage> {
    const { breaker } = this.options;
    const permit = breaker.enter();
    if (permit === undefined) return this.#localUsage(requests);
    try {
      const usage = await this.#inTime(Promise.resolve(this.store.usage(requests)));
      breaker.succeeded(permit);
      return usage;
    } catch (error) {
      this.#count(permit, error);
      return this.#localUsage(requests);
    }
  }

  #failed(permit: number, error: unknown, requests: readonly LimitRequest[]): LimitVerdict | Promise<LimitVerdict> {
    this.#count(permit, error);
    return this.#react(requests);
  }

  #count(permit: number, error: unknown): void {
    const { breaker, onFailure } = this.options;
    const before = breaker.state;
    breaker.failed(permit);
    if (before !== 'open' && breaker.state === 'open') onFailure?.(error);
  }

  /** @throws RookeryError `overloaded` when calls are to be refused. */
  #react(requests: readonly LimitRequest[]): LimitVerdict | Promise<LimitVerdict> {
    this.#failures.add(1);
    const { reaction } = this.options;
    if (reaction === 'allow') return ALLOWED;
    if (reaction === 'local') return this.local.take(requests);
    throw unavailable();
  }

  #localUsage(requests: readonly LimitRequest[]): LimitUsage | Promise<LimitUsage> {
    const { reaction } = this.options;
    if (reaction === 'local') return this.local.usage(requests);
    if (reaction === 'allow') return requests.map(({ rules }) => rules.map(() => Number.NaN));
    throw unavailable();
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    const { timeoutMs, wheel } = this.options;
    const late = (): Error => new Error(`the store of limits did not answer within ${timeoutMs} ms`);
    return answeredBy(wheel, answer, timeoutMs, late);
  }
}

function unavailable(): RookeryError {
  const message = `The server cannot check its limits now. Try again in ${RETRY_AFTER} second.`;
  return new RookeryError('overloaded', message, { retryAfter: RETRY_AFTER });
}
