import { InMemoryTelemetry, type Telemetry } from '../../../src/core/index.js';
import {
  InMemoryLlmBudgets,
  LlmAgent,
  LlmProviders,
  LlmService,
  RunBudget,
  aiOptions,
  type AiOptions,
  type Fetch,
  type LlmBudgets,
  type Spender,
} from '../../../src/nodes/ai/index.js';
import type { CircuitBreakers } from '../../../src/resilience/index.js';

/** A service on real providers, with all that it stands on. */
export interface TestService {
  readonly options: AiOptions;
  readonly providers: LlmProviders;
  readonly service: LlmService;
  readonly agent: LlmAgent;
  readonly telemetry: Telemetry;
}

/** What a test may want otherwise. */
export interface TestServiceParts {
  readonly telemetry?: Telemetry;
  readonly budgets?: LlmBudgets;
  readonly breakers?: CircuitBreakers;
  readonly fetch?: Fetch;
  /** Further keys of the section. */
  readonly section?: Readonly<Record<string, unknown>>;
}

/** Makes a service for the providers of a configuration. */
export function serviceOn(providers: Readonly<Record<string, unknown>>, parts: TestServiceParts = {}): TestService {
  const { telemetry = new InMemoryTelemetry(), budgets = new InMemoryLlmBudgets(), breakers, fetch } = parts;
  const options = aiOptions.parse({ providers, ...parts.section });
  const llms = new LlmProviders(options, fetch);
  const service = new LlmService({ options, providers: llms, budgets, telemetry, breakers });
  return { options, providers: llms, service, agent: new LlmAgent(service, options), telemetry };
}

/** Somebody who asks, with a run of their own. */
export function spender(principal = 'id:a'): Spender {
  return { principal, run: new RunBudget({}) };
}
