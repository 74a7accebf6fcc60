import { RookeryError, type Telemetry, type Tracer } from '../../core/index.js';
import type { Breaker, CircuitBreakers } from '../../resilience/index.js';
import { AI_PATH, type AiOptions } from './ai.options.js';
import type { BudgetTicket, LlmBudgets } from './budgets/llm-budgets.js';
import type { RunBudget } from './budgets/run-budget.js';
import type { ChatAnswer, ChatRequest, EmbedAnswer, Usage } from './chat.js';
import { LlmMetrics } from './llm-metrics.js';
import type { LlmProviders, ResolvedModel } from './llm-providers.js';
import { amountOf, priceOf, type Cost, type Price } from './prices.js';
import { LlmProviderError } from './provider-error.js';
import { suggestModel } from './suggest-model.js';
import { estimatedTokens, promptBytes } from './text-size.js';

/** Who pays for a request. */
export interface Spender {
  /** `principalKey(call.principal)`; empty for callers without a principal. */
  readonly principal: string;
  /** Of the run that the request belongs to. */
  readonly run?: RunBudget | undefined;
}

/** A request, with the model as callers name it: `provider:name`, or none for the default. */
export type ModelRequest = Omit<ChatRequest, 'model' | 'maxTokens' | 'onUsage'> & {
  readonly model?: string | undefined;
  /** @default `nodes.ai.maxTokens` */
  readonly maxTokens?: number | undefined;
};

/** What a request used up; the cost only where a price is configured. */
export type Metered<T> = T & { readonly usage: Usage; readonly cost?: Cost | undefined };

/** What the service stands on. */
export interface LlmServiceParts {
  readonly options: AiOptions;
  readonly providers: LlmProviders;
  readonly budgets: LlmBudgets;
  readonly telemetry: Telemetry;
  /** Without, no provider is left alone when it keeps failing. */
  readonly breakers?: CircuitBreakers | undefined;
  /** Without, requests are no spans. */
  readonly tracer?: Tracer | undefined;
}

interface Work<T> {
  readonly signal: AbortSignal;
  readonly estimate: Usage;
  /** What is to be counted when the provider tells nothing. */
  readonly guess: () => Usage;
  readonly told: () => Usage | undefined;
  readonly run: (target: ResolvedModel) => Promise<T>;
}

/**
 * The way to every language model: budgets before, the provider's breaker around, usage, cost and metrics after, also of
 * requests that fail or are aborted.
 */
export class LlmService {
  readonly #options: AiOptions;
  readonly #metrics: LlmMetrics;

  constructor(private readonly parts: LlmServiceParts) {
    this.#options = parts.options;
    this.#metrics = new LlmMetrics(parts.options, parts.telemetry);
  }

  /**
   * One answer of a model.
   *
   * @throws ToolError when the model is not known or the prompt too large
   * @throws RookeryError `rate_limited` over a budget, with the seconds to wait; `breaker_open`
   * @throws LlmProviderError as the provider fails
   */
  async chat(request: ModelRequest, spender: Spender): Promise<Metered<ChatAnswer>> {
    const target = this.parts.providers.resolve(request.model);
    const bytes = promptBytes(request, this.#options.maxPromptBytes);
    const inputTokens = estimatedTokens(bytes);
    const maxTokens = Math.max(
      1,
      Math.min(request.maxTokens ?? this.#options.maxTokens, spender.run?.tokensLeft ?? Number.POSITIVE_INFINITY),
    );
    let told: Usage | undefined;
    let written = 0;
    const { onText } = request;
    const guess = (): Usage => ({
      inputTokens: told?.inputTokens ?? inputTokens,
      outputTokens: Math.max(told?.outputTokens ?? 0, estimatedTokens(written)),
      estimated: true,
    });
    return this.#metered(target, spender, {
      signal: request.signal,
      estimate: { inputTokens, outputTokens: maxTokens },
      guess,
      told: () => told,
      run: async ({ provider, model }) => {
        const answer = await provider.chat({
          ...request,
          model,
          maxTokens,
          onUsage: (usage) => (told = usage),
          ...(onText && {
            onText: (delta: string) => {
              written += Buffer.byteLength(delta);
              onText(delta);
            },
          }),
        });
        written = Math.max(written, Buffer.byteLength(answer.text));
        return answer;
      },
    });
  }

  /** Texts as vectors. @throws as {@link chat} */
  async embed(
    request: { readonly model?: string | undefined; readonly texts: readonly string[]; readonly signal: AbortSignal },
    spender: Spender,
  ): Promise<Metered<EmbedAnswer>> {
    const { texts, signal } = request;
    const target = this.parts.providers.resolve(request.model);
    const messages = texts.map((content) => ({ role: 'user' as const, content }));
    const inputTokens = estimatedTokens(promptBytes({ messages }, this.#options.maxPromptBytes));
    const estimate = { inputTokens, outputTokens: 0, estimated: true };
    return this.#metered(target, spender, {
      signal,
      estimate,
      guess: () => estimate,
      told: () => undefined,
      run: async ({ provider, model }) => {
        const answer = await provider.embed(model, texts, signal);
        if (answer.vectors.length !== texts.length) {
          const message = `The provider "${provider.name}" answered ${texts.length} texts with ${answer.vectors.length} vectors.`;
          throw new LlmProviderError(provider.name, message);
        }
        return answer;
      },
    });
  }

  async #metered<T extends { readonly usage: Usage | undefined }>(
    target: ResolvedModel,
    spender: Spender,
    work: Work<T>,
  ): Promise<Metered<T>> {
    const { provider, model } = target;
    const price = this.#priceOf(target);
    spender.run?.check();
    const ticket = await this.#begin(spender.principal, work.estimate, price);
    let usage: Usage = { inputTokens: 0, outputTokens: 0 };
    let outcome: RookeryError['code'] | 'ok' = 'internal';
    const started = performance.now();
    try {
      const answer = await this.#traced(target, work);
      usage = answer.usage ?? work.guess();
      outcome = 'ok';
      const cost = price && { amount: amountOf(usage, price), currency: this.#options.currency };
      return { ...answer, usage, cost };
    } catch (error) {
      if (error instanceof RookeryError) outcome = error.code;
      usage = usageOfFailure(outcome, work);
      throw error;
    } finally {
      const amount = price && amountOf(usage, price);
      const spending = { tokens: usage.inputTokens + usage.outputTokens, amount: amount ?? 0 };
      spender.run?.add(spending);
      const seconds = (performance.now() - started) / 1000;
      this.#metrics.ended({ provider: provider.name, model, outcome, seconds, usage, amount });
      await ticket.settle(spending);
    }
  }

  /** By OpenTelemetry's conventions for generative AI, without prompts and answers. */
  async #traced<T extends { readonly usage: Usage | undefined }>(target: ResolvedModel, work: Work<T>): Promise<T> {
    const { tracer } = this.parts;
    if (tracer === undefined) return this.#guarded(target, work);
    const { provider, model } = target;
    const attributes = { 'gen_ai.provider.name': provider.name, 'gen_ai.request.model': model };
    return tracer.span(`llm ${provider.name}`, { kind: 'client', attributes }, async (span) => {
      const answer = await this.#guarded(target, work);
      const { inputTokens, outputTokens } = answer.usage ?? {};
      span.set({ 'gen_ai.usage.input_tokens': inputTokens, 'gen_ai.usage.output_tokens': outputTokens });
      return answer;
    });
  }

  /** Under the provider's breaker, which opens for its own faults only. */
  async #guarded<T>(target: ResolvedModel, work: Work<T>): Promise<T> {
    const { name } = target.provider;
    const breaker = this.parts.breakers?.get(`llm:${name}`);
    const entered = breaker?.enter();
    const permit = entered instanceof Promise ? await entered : entered;
    if (breaker !== undefined && permit === undefined) throw leftAlone(name, breaker);
    const end = (verdict: 'succeeded' | 'failed' | 'ignored'): void => {
      if (breaker !== undefined && permit !== undefined) breaker[verdict](permit);
    };
    try {
      const result = await work.run(target);
      end('succeeded');
      return result;
    } catch (error) {
      const verdict = error instanceof LlmProviderError ? error.verdict : 'neither';
      end(verdict === 'fault' ? 'failed' : verdict === 'answered' ? 'succeeded' : 'ignored');
      throw await suggestModel(error, target, work.signal);
    }
  }

  /** @throws RookeryError when money is limited and nobody knows what this model costs */
  #priceOf({ provider, model }: ResolvedModel): Price | undefined {
    const { prices, budgets } = this.#options;
    const price = priceOf(prices, provider.name, model);
    const limited = budgets.perPrincipal.costPerDay !== undefined || budgets.perRun.cost !== undefined;
    if (price !== undefined || !limited) return price;
    throw new RookeryError(
      'forbidden',
      `This server limits what models may cost, and this one has no price. Set ${AI_PATH}.prices["${provider.name}:*"] or a price for the model.`,
    );
  }

  async #begin(principal: string, estimate: Usage, price: Price | undefined): Promise<BudgetTicket> {
    const spending = {
      tokens: estimate.inputTokens + estimate.outputTokens,
      amount: price === undefined ? 0 : amountOf(estimate, price),
    };
    const verdict = await this.parts.budgets.begin(principal, this.#options.budgets.perPrincipal, spending);
    if (verdict.allowed) return verdict.ticket;
    const retryAfter = verdict.retryAfterSeconds;
    throw new RookeryError(
      'rate_limited',
      `Your budget for language models is used up (${AI_PATH}.budgets.perPrincipal). Try again in ${retryAfter} s.`,
      { retryAfter, limit: 'perPrincipal' },
    );
  }
}

/** What is told is spent; what was sent to a provider that nothing more was heard of may have been. */
function usageOfFailure(outcome: string, work: Work<unknown>): Usage {
  const uncertain = outcome === 'cancelled' || outcome === 'timeout';
  const guess = work.guess();
  if (work.told() !== undefined || guess.outputTokens > 0 || uncertain) return guess;
  return { inputTokens: 0, outputTokens: 0 };
}

function leftAlone(provider: string, { retryAfterMs }: Breaker): RookeryError {
  const retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new RookeryError(
    'breaker_open',
    `The provider "${provider}" has failed repeatedly and is left alone for now. Try again in ${retryAfter} s.`,
    { retryAfter, breaker: `llm:${provider}` },
  );
}
