import type OpenAI from 'openai';
import type { JsonSchema } from '../../../core/index.js';
import type { ChatAnswer, ChatMessage, ChatRequest, EmbedAnswer, FinishReason, Usage } from '../chat.js';
import { Exchange } from '../http/exchange.js';
import type { BodyFormat } from '../http/bounded-body.js';
import { PLACEHOLDER_KEY, type ProviderHttp } from '../http/provider-http.js';
import { LlmProvider } from '../llm-provider.js';
import { CallParts, jsonToolCall } from './json-tool-call.js';

type Completions = OpenAI.Chat.Completions;
type Body = Omit<OpenAI.Chat.ChatCompletionCreateParams, 'stream'>;

/** What servers that speak OpenAI's protocol differ in. */
export interface OpenAiDialect {
  /** How the length of the answer is limited: newer models of OpenAI refuse `max_tokens`, other servers know nothing else. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** How the server is told that the answer is to be JSON; `none` leaves it to the prompt. */
  readonly structuredOutput: 'json_schema' | 'json_object' | 'none';
}

/**
 * OpenAI, and whatever speaks its chat completions: vLLM, llama.cpp's server, LM Studio, gateways.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export class OpenAiProvider extends LlmProvider {
  override readonly name: string;

  constructor(
    private readonly baseUrl: string,
    private readonly http: ProviderHttp,
    private readonly dialect: OpenAiDialect,
  ) {
    super();
    this.name = http.provider;
  }

  override async chat(request: ChatRequest): Promise<ChatAnswer> {
    const { onText } = request;
    const body = chatBody(request, this.dialect);
    const { signal } = request;
    return onText
      ? this.#with('sse', signal, (client, inner) => this.#streamed(client, body, request, onText, inner))
      : this.#with('json', signal, (client, inner) => this.#whole(client, body, request, inner));
  }

  override async embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<EmbedAnswer> {
    const answer = await this.#with('json', signal, (client, inner) =>
      client.embeddings.create({ model, input: [...texts], encoding_format: 'float' }, { signal: inner }),
    );
    const vectors = answer.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    const told = (answer as { usage?: OpenAI.CreateEmbeddingResponse.Usage }).usage;
    const usage = told && { inputTokens: told.prompt_tokens, outputTokens: 0 };
    return { vectors, usage, model: answer.model, provider: this.name };
  }

  override async models(signal: AbortSignal): Promise<readonly string[]> {
    const { data } = await this.#with('json', signal, (client, inner) => client.models.list({ signal: inner }));
    return data.map(({ id }) => id);
  }

  override async check(signal: AbortSignal): Promise<void> {
    await this.models(signal);
  }

  async #whole(client: OpenAI, body: Body, request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer> {
    const answer = await client.chat.completions.create({ ...body, stream: false }, { signal });
    const [choice] = answer.choices;
    if (choice === undefined) throw new Error('the answer has no choices');
    const usage = usageOf(answer.usage);
    if (usage !== undefined) request.onUsage?.(usage);
    const { message } = choice;
    const toolCalls = (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? jsonToolCall(call.id, call.function.name, call.function.arguments) : [],
    );
    return {
      text: message.content ?? '',
      toolCalls,
      usage,
      finishReason: finishReason(choice.finish_reason, toolCalls.length),
      model: answer.model,
      provider: this.name,
    };
  }

  async #streamed(
    client: OpenAI,
    body: Body,
    request: ChatRequest,
    onText: (delta: string) => void,
    signal: AbortSignal,
  ): Promise<ChatAnswer> {
    const parts = new CallParts();
    let text = '';
    let { model } = request;
    let usage: Usage | undefined;
    let reason: string | undefined;
    const options = { include_usage: true };
    const stream = await client.chat.completions.create({ ...body, stream: true, stream_options: options }, { signal });
    for await (const chunk of stream) {
      ({ model } = chunk);
      const told = usageOf(chunk.usage);
      if (told !== undefined) request.onUsage?.((usage = told));
      const choice = chunk.choices[0];
      if (choice === undefined) continue;
      reason = choice.finish_reason ?? reason;
      for (const call of choice.delta.tool_calls ?? []) {
        parts.add(call.index, { id: call.id, name: call.function?.name, json: call.function?.arguments });
      }
      const delta = choice.delta.content ?? '';
      if (delta === '') continue;
      text += delta;
      onText(delta);
    }
    signal.throwIfAborted();
    // The client takes a stream that was cut for one that has ended.
    if (reason === undefined) throw new Error('the stream ended before its answer did');
    const toolCalls = parts.calls();
    const finish = finishReason(reason, toolCalls.length);
    return { text, toolCalls, usage, finishReason: finish, model, provider: this.name };
  }

  async #with<T>(
    format: BodyFormat,
    signal: AbortSignal,
    work: (client: OpenAI, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { default: Client } = await import('openai');
    return Exchange.run(this.http, format, signal, (fetch, inner) => {
      const client = new Client({
        baseURL: this.baseUrl,
        fetch,
        apiKey: PLACEHOLDER_KEY,
        // What is not given it reads from the environment.
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        logLevel: 'off',
        // Retries and deadline are the exchange's.
        maxRetries: 0,
        timeout: this.http.timeoutMs * 2,
      });
      return work(client, inner);
    });
  }
}

function chatBody(request: ChatRequest, { maxTokensField, structuredOutput }: OpenAiDialect): Body {
  const { model, messages, temperature, maxTokens, schema, tools = [], toolChoice = 'auto' } = request;
  const format = schema && responseFormat(schema, structuredOutput);
  return {
    model,
    messages: messages.map(messageFor),
    [maxTokensField]: maxTokens,
    ...(temperature !== undefined && { temperature }),
    ...(format && { response_format: format }),
    ...(tools.length > 0 && {
      tool_choice: toolChoice,
      tools: tools.map(({ name, description, inputSchema }) => ({
        type: 'function' as const,
        function: { name, description, parameters: inputSchema },
      })),
    }),
  };
}

function responseFormat(
  schema: JsonSchema,
  how: OpenAiDialect['structuredOutput'],
): NonNullable<Body['response_format']> | undefined {
  if (how === 'none') return undefined;
  if (how === 'json_object') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: 'answer', schema } };
}

function messageFor(message: ChatMessage): Parameters<Completions['create']>[0]['messages'][number] {
  const { role, content, toolCalls, toolCallId = '' } = message;
  if (role === 'tool') return { role, content, tool_call_id: toolCallId };
  if (role !== 'assistant' || toolCalls === undefined || toolCalls.length === 0) return { role, content };
  const calls = toolCalls.map(({ id, name, input }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: JSON.stringify(input) },
  }));
  return { role, content, tool_calls: calls };
}

function usageOf(usage: OpenAI.CompletionUsage | null | undefined): Usage | undefined {
  return usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : undefined;
}

/** Some servers say `stop` when the model asks for tools. */
function finishReason(reason: string, toolCalls: number): FinishReason {
  if (toolCalls > 0) return 'tool_calls';
  if (reason === 'stop' || reason === 'length') return reason;
  return reason === 'content_filter' ? 'refusal' : 'other';
}
