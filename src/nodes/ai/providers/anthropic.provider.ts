import type Anthropic from '@anthropic-ai/sdk';
import { isObject } from '../../../core/index.js';
import type { ChatAnswer, ChatMessage, ChatRequest, EmbedAnswer, FinishReason, Usage } from '../chat.js';
import { Exchange } from '../http/exchange.js';
import type { BodyFormat } from '../http/bounded-body.js';
import { PLACEHOLDER_KEY, type ProviderHttp } from '../http/provider-http.js';
import { LlmProvider } from '../llm-provider.js';
import { LlmProviderError } from '../provider-error.js';

/** Versions of the API: the later one takes no `temperature`. */
export type AnthropicVersion = '2026-10-21' | '2023-06-01';

type Body = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>;

/**
 * Claude through the Messages API.
 *
 * @see https://platform.claude.com/docs/en/api/messages
 */
export class AnthropicProvider extends LlmProvider {
  override readonly name: string;

  constructor(
    private readonly baseUrl: string,
    private readonly http: ProviderHttp,
    private readonly version: AnthropicVersion,
  ) {
    super();
    this.name = http.provider;
  }

  /** @throws LlmProviderError when a temperature is asked for and the version of the API takes none */
  override async chat(request: ChatRequest): Promise<ChatAnswer> {
    const { onText, temperature, signal } = request;
    if (temperature !== undefined && this.version !== '2023-06-01') {
      throw this.#refusal(
        `takes no temperature. Leave it out, or set ${this.http.path}.apiVersion to 2023-06-01 for models that take one.`,
      );
    }
    const body = chatBody(request);
    const message = onText
      ? await this.#with('sse', signal, (client, inner) => streamed(client, body, request, onText, inner))
      : await this.#with('json', signal, (client, inner) => client.messages.create(body, { signal: inner }));
    const usage = usageOf(message.usage);
    request.onUsage?.(usage);
    const text = message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
    const toolCalls = message.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, ...inputOf(block.input) }] : [],
    );
    return {
      text,
      toolCalls,
      usage,
      finishReason: finishReason(message.stop_reason),
      model: message.model,
      provider: this.name,
      native: message.content,
    };
  }

  override embed(): Promise<EmbedAnswer> {
    return Promise.reject(this.#refusal('makes no embeddings. Use a model of another provider for them.'));
  }

  override async models(signal: AbortSignal): Promise<readonly string[]> {
    const { data } = await this.#with('json', signal, (client, inner) =>
      client.models.list({ limit: 100 }, { signal: inner }),
    );
    return data.map(({ id }) => id);
  }

  override async check(signal: AbortSignal): Promise<void> {
    await this.models(signal);
  }

  #refusal(what: string): LlmProviderError {
    return new LlmProviderError(this.name, `The provider "${this.name}" ${what}`, { verdict: 'neither' });
  }

  async #with<T>(
    format: BodyFormat,
    signal: AbortSignal,
    work: (client: Anthropic, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { default: Client } = await import('@anthropic-ai/sdk');
    return Exchange.run(this.http, format, signal, (fetch, inner) => {
      const client = new Client({
        baseURL: this.baseUrl,
        fetch,
        // Without a key it looks for credentials in files and the environment.
        apiKey: PLACEHOLDER_KEY,
        webhookKey: null,
        defaultHeaders: { 'anthropic-version': this.version },
        logLevel: 'off',
        // Prompts stay out of spans; ours say what was called.
        openTelemetry: false,
        // Retries and deadline are the exchange's.
        maxRetries: 0,
        timeout: this.http.timeoutMs * 2,
      });
      return work(client, inner);
    });
  }
}

function chatBody(request: ChatRequest): Body {
  const { model, messages, temperature, maxTokens, schema, tools = [], toolChoice = 'auto' } = request;
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  return {
    model,
    max_tokens: maxTokens,
    messages: turnsOf(messages),
    ...(system.length > 0 && { system: system.join('\n\n') }),
    ...(temperature !== undefined && { temperature }),
    ...(schema && { output_config: { format: { type: 'json_schema', schema: { ...schema } } } }),
    ...(tools.length > 0 && {
      tool_choice: { type: toolChoice },
      tools: tools.map(({ name, description, inputSchema }) => ({
        name,
        description,
        input_schema: { ...inputSchema, type: 'object' as const },
      })),
    }),
  };
}

/** Results of tools are blocks of one user's turn, all of a round together. */
function turnsOf(messages: readonly ChatMessage[]): Anthropic.MessageParam[] {
  const turns: Anthropic.MessageParam[] = [];
  let results: Anthropic.ToolResultBlockParam[] | undefined;
  for (const message of messages) {
    if (message.role === 'tool') {
      if (results === undefined) turns.push({ role: 'user', content: (results = []) });
      const { toolCallId = '', content, failed = false } = message;
      results.push({ type: 'tool_result', tool_use_id: toolCallId, content, is_error: failed });
      continue;
    }
    results = undefined;
    if (message.role === 'user') turns.push({ role: 'user', content: message.content });
    if (message.role === 'assistant') turns.push({ role: 'assistant', content: assistantContent(message) });
  }
  return turns;
}

function assistantContent({
  content,
  toolCalls = [],
  native,
}: ChatMessage): Anthropic.AssistantMessageParam['content'] {
  // Thinking is signed: a turn goes back as it came.
  if (Array.isArray(native)) return native as Anthropic.ContentBlockParam[];
  if (toolCalls.length === 0) return content;
  return [
    ...(content === '' ? [] : [{ type: 'text' as const, text: content }]),
    ...toolCalls.map(({ id, name, input }) => ({ type: 'tool_use' as const, id, name, input })),
  ];
}

async function streamed(
  client: Anthropic,
  body: Body,
  request: ChatRequest,
  onText: (delta: string) => void,
  signal: AbortSignal,
): Promise<Anthropic.Message> {
  const stream = client.messages.stream(body, { signal });
  let input = 0;
  stream.on('text', onText);
  stream.on('streamEvent', (event) => {
    if (event.type === 'message_start') {
      ({ inputTokens: input } = usageOf(event.message.usage));
      request.onUsage?.(usageOf(event.message.usage));
    } else if (event.type === 'message_delta') {
      request.onUsage?.({ inputTokens: input, outputTokens: event.usage.output_tokens });
    }
  });
  const message = await stream.finalMessage();
  // A stream that was cut after its first block looks complete otherwise.
  if (message.stop_reason === null) throw new Error('the stream ended before its answer did');
  return message;
}

function inputOf(input: unknown): { readonly input: Readonly<Record<string, unknown>>; readonly malformed?: string } {
  return isObject(input) ? { input } : { input: {}, malformed: 'the arguments must be one JSON object' };
}

/** Tokens read from the provider's cache and written to it are input as well. */
function usageOf(usage: {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
}): Usage {
  const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  return { inputTokens: usage.input_tokens + cached, outputTokens: usage.output_tokens };
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'refusal',
};

function finishReason(reason: string | null): FinishReason {
  return REASONS[reason ?? ''] ?? 'other';
}
