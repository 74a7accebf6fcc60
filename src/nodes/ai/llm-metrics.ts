import type { OutcomeCode, Telemetry } from '../../core/index.js';
import type { AiOptions } from './ai.options.js';
import type { Usage } from './chat.js';

/** Models with a label of their own that the configuration does not name: callers choose models. */
const MAX_MODELS = 100;
const OTHER = '_other';
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300];

/** What is known of a request that has ended. */
export interface RequestEnd {
  readonly provider: string;
  readonly model: string;
  readonly outcome: OutcomeCode;
  readonly seconds: number;
  readonly usage: Usage;
  readonly amount: number | undefined;
}

/**
 * Counts requests to language models.
 *
 * A model has a label of its own when the configuration names it or when it has answered, up to a hundred of those;
 * every other name is `_other`, so that nobody makes series by asking for models that there are not.
 */
export class LlmMetrics {
  readonly #configured: ReadonlySet<string>;
  readonly #answered = new Set<string>();
  readonly #currency: string;
  readonly #tokens;
  readonly #cost;
  readonly #requests;
  readonly #duration;

  constructor(
    { prices, defaultModel, currency }: Pick<AiOptions, 'prices' | 'defaultModel' | 'currency'>,
    to: Telemetry,
  ) {
    this.#configured = new Set([...Object.keys(prices), ...(defaultModel === undefined ? [] : [defaultModel])]);
    this.#currency = currency;
    this.#tokens = to.counter({
      name: 'rookery_llm_tokens_total',
      help: 'Tokens of language models, by provider, model and direction (input, output).',
      labels: ['provider', 'model', 'direction'],
    });
    this.#cost = to.counter({
      name: 'rookery_llm_cost_total',
      help: 'What language models cost by the configured prices, in the currency of the label.',
      labels: ['provider', 'model', 'currency'],
    });
    this.#requests = to.counter({
      name: 'rookery_llm_requests_total',
      help: 'Requests to providers of language models, by outcome.',
      labels: ['provider', 'model', 'outcome'],
    });
    this.#duration = to.histogram({
      name: 'rookery_llm_duration_seconds',
      help: 'How long requests to providers of language models took.',
      labels: ['provider', 'model'],
      buckets: BUCKETS,
    });
  }

  /** A request has ended, however. */
  ended({ provider, model: given, outcome, seconds, usage, amount }: RequestEnd): void {
    const model = this.#label(`${provider}:${given}`, given, outcome);
    this.#requests.bind({ provider, model, outcome }).add(1);
    this.#duration.bind({ provider, model }).observe(seconds);
    this.#tokens.bind({ provider, model, direction: 'input' }).add(usage.inputTokens);
    this.#tokens.bind({ provider, model, direction: 'output' }).add(usage.outputTokens);
    if (amount !== undefined) this.#cost.bind({ provider, model, currency: this.#currency }).add(amount);
  }

  #label(key: string, model: string, outcome: OutcomeCode): string {
    if (this.#configured.has(key) || this.#answered.has(key)) return model;
    if (outcome !== 'ok' || this.#answered.size >= MAX_MODELS) return OTHER;
    this.#answered.add(key);
    return model;
  }
}
