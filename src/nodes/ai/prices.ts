import type { AiOptions } from './ai.options.js';
import type { Usage } from './chat.js';

/** What a million tokens cost, in and out. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** An amount of money. */
export interface Cost {
  readonly amount: number;
  readonly currency: string;
}

const MILLION = 1_000_000;

/** The price of a model: its own, or that of all others of its provider; `undefined` when neither is configured. */
export function priceOf(prices: AiOptions['prices'], provider: string, model: string): Price | undefined {
  for (const key of [`${provider}:${model}`, `${provider}:*`]) {
    if (Object.hasOwn(prices, key)) return prices[key];
  }
  return undefined;
}

/** What these tokens cost. */
export function amountOf({ inputTokens, outputTokens }: Usage, { input, output }: Price): number {
  return (inputTokens * input + outputTokens * output) / MILLION;
}
