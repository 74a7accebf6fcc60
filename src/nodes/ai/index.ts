export { AI_PATH, aiOptions, type AiOptions, type ProviderOptions } from './ai.options.js';
export { type AgentCaller } from './agent-tools.js';
export { InMemoryLlmBudgets } from './budgets/in-memory-llm-budgets.js';
export { LlmBudgets, type BudgetTicket, type BudgetVerdict } from './budgets/llm-budgets.js';
export { RunBudget, type RunLimits } from './budgets/run-budget.js';
export type { DayLimits, Spending } from './budgets/sliding-day.js';
export type {
  ChatAnswer,
  ChatMessage,
  ChatRequest,
  EmbedAnswer,
  FinishReason,
  ToolCall,
  ToolDefinition,
  Usage,
} from './chat.js';
export type { Fetch } from './http/provider-http.js';
export { LlmAgent, type AgentContext, type AgentInput, type AgentResult } from './llm-agent.js';
export { LlmProvider } from './llm-provider.js';
export { LlmProviders, type LlmProvidersOptions, type ResolvedModel } from './llm-providers.js';
export { LlmService, type LlmServiceParts, type Metered, type ModelRequest, type Spender } from './llm-service.js';
export { parseModelName, type ModelName } from './model-name.js';
export { type Cost, type Price } from './prices.js';
export { LlmProviderError, type ProviderErrorInit, type ProviderVerdict } from './provider-error.js';
