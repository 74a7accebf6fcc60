/** Tokens and money that were used up. */
export interface Spending {
  readonly tokens: number;
  readonly amount: number;
}

/** What may be used up in any 24 hours; no limit where nothing is said. */
export interface DayLimits {
  readonly tokensPerDay?: number | undefined;
  readonly costPerDay?: number | undefined;
}

const DAY_MS = 86_400_000;
/** What is spent is kept by steps of ten minutes: it counts for a day, and up to a step longer. */
const STEP_MS = 600_000;

interface Step {
  readonly at: number;
  tokens: number;
  amount: number;
}

/** What was spent in the last 24 hours, and what requests under way may still spend. Pure: time comes in. */
export class SlidingDay {
  #steps: Step[] = [];
  #underWay: Spending = { tokens: 0, amount: 0 };

  /** Whether there is nothing left to remember. */
  isEmpty(now: number): boolean {
    this.#forget(now);
    return this.#steps.length === 0 && this.#underWay.tokens === 0 && this.#underWay.amount === 0;
  }

  /** Milliseconds until there is room again; 0 when there is room now. */
  waitMs(limits: DayLimits, now: number): number {
    this.#forget(now);
    return Math.max(this.#waitFor('tokens', limits.tokensPerDay, now), this.#waitFor('amount', limits.costPerDay, now));
  }

  /** A request begins that may spend as much; until it settles, others find that much taken. */
  begin({ tokens, amount }: Spending): void {
    this.#underWay = { tokens: this.#underWay.tokens + tokens, amount: this.#underWay.amount + amount };
  }

  /** It has ended and spent this. */
  settle(estimate: Spending, spent: Spending, now: number): void {
    // Amounts are fractions: what is left of a difference is not to stay for ever.
    this.#underWay = {
      tokens: this.#underWay.tokens - estimate.tokens,
      amount: Math.max(0, roundedAmount(this.#underWay.amount - estimate.amount)),
    };
    const at = Math.floor(now / STEP_MS) * STEP_MS;
    const last = this.#steps.at(-1);
    if (last?.at === at) {
      last.tokens += spent.tokens;
      last.amount += spent.amount;
    } else if (spent.tokens > 0 || spent.amount > 0) {
      this.#steps.push({ at, ...spent });
    }
  }

  #waitFor(what: keyof Spending, limit: number | undefined, now: number): number {
    if (limit === undefined) return 0;
    let used = this.#underWay[what] + this.#steps.reduce((sum, step) => sum + step[what], 0);
    if (used < limit) return 0;
    for (const step of this.#steps) {
      used -= step[what];
      if (used < limit) return step.at + STEP_MS + DAY_MS - now;
    }
    // Requests under way hold it: they settle within their time.
    return 1000;
  }

  #forget(now: number): void {
    const gone = this.#steps.findIndex(({ at }) => at + STEP_MS + DAY_MS > now);
    this.#steps = gone === -1 ? [] : this.#steps.slice(gone);
  }
}

function roundedAmount(amount: number): number {
  return Math.round(amount * 1e9) / 1e9;
}
