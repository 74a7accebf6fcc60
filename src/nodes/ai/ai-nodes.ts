import type { Provider } from '@nestjs/common';
import { EgressGuard, Telemetry, Tracer } from '../../core/index.js';
import { CircuitBreakers } from '../../resilience/index.js';
import { NodesSettings } from '../nodes.settings.js';
import { AgentCalls } from './agent-call.js';
import { InMemoryLlmBudgets } from './budgets/in-memory-llm-budgets.js';
import { LlmBudgets } from './budgets/llm-budgets.js';
import { EmbeddingGeneratorNode } from './embedding-generator.node.js';
import { LlmAgent } from './llm-agent.js';
import { LLMAgentNode } from './llm-agent.node.js';
import { LlmHealth } from './llm-health.js';
import { LlmProviders } from './llm-providers.js';
import { LlmService } from './llm-service.js';

/** Every address: who configures a provider says where it is, be it on this machine. */
const ANYWHERE = ['0.0.0.0/0', '::/0'];

/** The nodes that ask language models, and what they stand on. They need {@link NodesSettings}. */
export const AI_NODES: readonly Provider[] = [
  { provide: LlmBudgets, useFactory: () => new InMemoryLlmBudgets() },
  {
    provide: LlmProviders,
    useFactory: ({ options: { ai } }: NodesSettings, telemetry: Telemetry, tracer: Tracer) => {
      const allow = Object.values(ai.providers).map(({ baseUrl }) => new URL(baseUrl).origin);
      const guard = new EgressGuard({ allow, privateRanges: ANYWHERE, telemetry, tracer });
      return new LlmProviders(ai, guard.fetch);
    },
    inject: [NodesSettings, Telemetry, Tracer],
  },
  {
    provide: LlmService,
    useFactory: (
      { options }: NodesSettings,
      providers: LlmProviders,
      budgets: LlmBudgets,
      telemetry: Telemetry,
      tracer: Tracer,
      breakers?: CircuitBreakers,
    ) => new LlmService({ options: options.ai, providers, budgets, telemetry, tracer, breakers }),
    inject: [NodesSettings, LlmProviders, LlmBudgets, Telemetry, Tracer, { token: CircuitBreakers, optional: true }],
  },
  {
    provide: LlmAgent,
    useFactory: (service: LlmService, { options }: NodesSettings) => new LlmAgent(service, options.ai),
    inject: [LlmService, NodesSettings],
  },
  AgentCalls,
  LlmHealth,
  LLMAgentNode,
  EmbeddingGeneratorNode,
];
