import type { DayLimits, Spending } from './sliding-day.js';

/** Whether a request may begin. */
export type BudgetVerdict =
  | { readonly allowed: true; readonly ticket: BudgetTicket }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** A request that may begin; to be settled once, however it ends. */
export interface BudgetTicket {
  settle(spent: Spending): void | Promise<void>;
}

/**
 * What principals have used up of language models: a port, as processes may share it.
 *
 * A request begins while there is anything left, whatever it will use: one may go over by itself, many at once may not,
 * as what they may use is taken until they settle.
 */
export abstract class LlmBudgets {
  /**
   * @param principal - the key of the principal; empty for callers without one
   * @param estimate - the most that the request will use
   */
  abstract begin(principal: string, limits: DayLimits, estimate: Spending): BudgetVerdict | Promise<BudgetVerdict>;
}
