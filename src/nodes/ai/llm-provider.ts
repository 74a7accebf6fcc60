import type { ChatAnswer, ChatRequest, EmbedAnswer } from './chat.js';

/**
 * Somebody who runs language models: the port behind which Ollama, OpenAI-compatible servers, Anthropic and a team's own
 * stand. An implementation answers or throws; it never makes an answer up.
 *
 * Failures are {@link LlmProviderError}s; an aborted signal is a `CancelledError`.
 */
export abstract class LlmProvider {
  /** The name in the configuration, which stands before the first colon of a model: `ollama`. */
  abstract readonly name: string;

  /** One answer of a model. */
  abstract chat(request: ChatRequest): Promise<ChatAnswer>;

  /** @throws LlmProviderError where the provider has no embeddings */
  abstract embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<EmbedAnswer>;

  /** The names of its models. */
  abstract models(signal: AbortSignal): Promise<readonly string[]>;

  /** Resolves when the provider can be reached and takes our credential; throws as {@link chat} does otherwise. */
  abstract check(signal: AbortSignal): Promise<void>;
}
