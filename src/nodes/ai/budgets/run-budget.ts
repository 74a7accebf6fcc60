import { RookeryError } from '../../../core/index.js';
import { AI_PATH, type AiOptions } from '../ai.options.js';
import type { Spending } from './sliding-day.js';

/** What one run may use up; no limit where nothing is said. */
export interface RunLimits {
  readonly tokens?: number | undefined;
  readonly cost?: number | undefined;
  readonly toolCalls?: number | undefined;
}

/** What the configuration lets one run use up. */
export function runLimitsOf({ budgets, maxToolCalls }: Pick<AiOptions, 'budgets' | 'maxToolCalls'>): RunLimits {
  return { ...budgets.perRun, toolCalls: maxToolCalls };
}

/** What one run of an agent has used up, all its rounds together. */
export class RunBudget {
  #tokens = 0;
  #amount = 0;
  #toolCalls = 0;

  constructor(readonly limits: RunLimits) {}

  /** Tokens that are left; infinite without a limit. */
  get tokensLeft(): number {
    return this.limits.tokens === undefined ? Number.POSITIVE_INFINITY : this.limits.tokens - this.#tokens;
  }

  /** @throws RookeryError `rate_limited` when nothing is left; waiting does not help, so it names no time */
  check(): void {
    const { tokens, cost } = this.limits;
    if (tokens !== undefined && this.#tokens >= tokens) {
      throw spent(`${tokens} tokens`, 'tokens');
    }
    if (cost !== undefined && this.#amount >= cost) throw spent('what it may cost', 'cost');
  }

  /** Counts a call of a tool; whether it may be made. */
  takeToolCall(): boolean {
    const { toolCalls = Number.POSITIVE_INFINITY } = this.limits;
    if (this.#toolCalls >= toolCalls) return false;
    this.#toolCalls++;
    return true;
  }

  add({ tokens, amount }: Spending): void {
    this.#tokens += tokens;
    this.#amount += amount;
  }
}

function spent(what: string, key: string): RookeryError {
  return new RookeryError(
    'rate_limited',
    `This run has used up ${what} (${AI_PATH}.budgets.perRun.${key}). Ask for less in one run.`,
    { limit: `perRun.${key}` },
  );
}
