import { LlmBudgets, type BudgetVerdict } from './llm-budgets.js';
import { SlidingDay, type DayLimits, type Spending } from './sliding-day.js';

const MAX_PRINCIPALS = 10_000;
const OTHERS = '_others';

/**
 * Budgets of this process alone, gone when it ends.
 *
 * It remembers ten thousand principals of the last day; more than those share one budget, which refuses early rather
 * than late.
 */
export class InMemoryLlmBudgets extends LlmBudgets {
  readonly #days = new Map<string, SlidingDay>();

  /** @param now - milliseconds, never going back */
  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly maxPrincipals = MAX_PRINCIPALS,
  ) {
    super();
  }

  override begin(principal: string, limits: DayLimits, estimate: Spending): BudgetVerdict {
    const day = this.#dayOf(principal);
    const waitMs = day.waitMs(limits, this.now());
    if (waitMs > 0) return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
    day.begin(estimate);
    let open = true;
    const settle = (spent: Spending): void => {
      if (open) day.settle(estimate, spent, this.now());
      open = false;
    };
    return { allowed: true, ticket: { settle } };
  }

  #dayOf(principal: string): SlidingDay {
    let day = this.#days.get(principal);
    if (day !== undefined) return day;
    if (this.#days.size >= this.maxPrincipals) this.#sweep();
    const key = this.#days.size >= this.maxPrincipals ? OTHERS : principal;
    day = this.#days.get(key) ?? new SlidingDay();
    this.#days.set(key, day);
    return day;
  }

  #sweep(): void {
    const now = this.now();
    for (const [key, day] of this.#days) {
      if (day.isEmpty(now)) this.#days.delete(key);
    }
  }
}
