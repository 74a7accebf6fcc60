import type { ChatResponse, Message, Ollama, Tool } from 'ollama';
import type { ChatAnswer, ChatMessage, ChatRequest, EmbedAnswer, FinishReason, ToolCall, Usage } from '../chat.js';
import { Exchange } from '../http/exchange.js';
import type { BodyFormat } from '../http/bounded-body.js';
import { PLACEHOLDER_KEY, type ProviderHttp } from '../http/provider-http.js';
import { LlmProvider } from '../llm-provider.js';

/**
 * Ollama through its own API: `/api/chat` with options that its OpenAI imitation does not have.
 *
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 */
export class OllamaProvider extends LlmProvider {
  override readonly name: string;

  constructor(
    private readonly baseUrl: string,
    private readonly http: ProviderHttp,
  ) {
    super();
    this.name = http.provider;
  }

  override async chat(request: ChatRequest): Promise<ChatAnswer> {
    const { onText } = request;
    const body = chatBody(request);
    const whole = onText
      ? await this.#with('ndjson', request.signal, (client) => streamed(client, body, request, onText))
      : await this.#with('json', request.signal, (client) => client.chat({ ...body, stream: false }));
    const usage = usageOf(whole);
    if (usage !== undefined) request.onUsage?.(usage);
    const { message } = whole;
    const toolCalls = toolCallsOf(message);
    return {
      text: message.content,
      toolCalls,
      usage,
      finishReason: toolCalls.length > 0 ? 'tool_calls' : finishReason(whole.done_reason),
      model: whole.model,
      provider: this.name,
    };
  }

  override async embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<EmbedAnswer> {
    const answer = await this.#with('json', signal, (client) => client.embed({ model, input: [...texts] }));
    return {
      vectors: answer.embeddings,
      usage: { inputTokens: answer.prompt_eval_count, outputTokens: 0 },
      model: answer.model,
      provider: this.name,
    };
  }

  override async models(signal: AbortSignal): Promise<readonly string[]> {
    const { models } = await this.#with('json', signal, (client) => client.list());
    return models.map(({ name }) => name);
  }

  override async check(signal: AbortSignal): Promise<void> {
    await this.#with('json', signal, (client) => client.version());
  }

  /** The client takes no signal of ours, so each request has a client whose `fetch` knows it. */
  async #with<T>(format: BodyFormat, signal: AbortSignal, work: (client: Ollama) => Promise<T>): Promise<T> {
    const { Ollama } = await import('ollama');
    return Exchange.run(this.http, format, signal, (fetch) => {
      const headers = { Authorization: `Bearer ${PLACEHOLDER_KEY}` };
      return work(new Ollama({ host: this.baseUrl, fetch, headers }));
    });
  }
}

function chatBody(request: ChatRequest): {
  model: string;
  messages: Message[];
  options: { num_predict: number; temperature?: number };
  format?: object;
  tools?: Tool[];
} {
  const { model, messages, temperature, maxTokens, schema, tools = [], toolChoice } = request;
  return {
    model,
    messages: messages.map(messageFor),
    options: { num_predict: maxTokens, ...(temperature !== undefined && { temperature }) },
    ...(schema && { format: schema }),
    // It has no way to say that tools may not be asked for, and needs none of them to understand the conversation.
    ...(tools.length > 0 &&
      toolChoice !== 'none' && {
        tools: tools.map(({ name, description, inputSchema }) => ({
          type: 'function',
          function: { name, description, parameters: inputSchema },
        })),
      }),
  };
}

function messageFor({ role, content, toolCalls, toolName }: ChatMessage): Message {
  return {
    role,
    content,
    ...(toolCalls && { tool_calls: toolCalls.map(({ name, input }) => ({ function: { name, arguments: input } })) }),
    ...(toolName !== undefined && { tool_name: toolName }),
  };
}

async function streamed(
  client: Ollama,
  body: ReturnType<typeof chatBody>,
  request: ChatRequest,
  onText: (delta: string) => void,
): Promise<ChatResponse> {
  let text = '';
  const calls: NonNullable<Message['tool_calls']> = [];
  let last: ChatResponse | undefined;
  // The client throws when the stream ends without its last part.
  for await (const part of await client.chat({ ...body, stream: true })) {
    request.signal.throwIfAborted();
    last = part;
    const { content, tool_calls: asked } = part.message;
    if (asked) calls.push(...asked);
    if (content === '') continue;
    text += content;
    onText(content);
  }
  if (last === undefined) throw new Error('the stream had no parts');
  return { ...last, message: { role: 'assistant', content: text, tool_calls: calls } };
}

function toolCallsOf({ tool_calls: calls = [] }: Message): readonly ToolCall[] {
  return calls.map(({ function: { name, arguments: input } }, index) => ({
    id: `call_${index}`,
    name,
    input: input as Readonly<Record<string, unknown>>,
  }));
}

/** A prompt that Ollama had in its cache has no count in old versions. */
function usageOf(answer: Partial<ChatResponse>): Usage | undefined {
  const { prompt_eval_count: inputTokens, eval_count: outputTokens } = answer;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 };
}

function finishReason(reason: string | undefined): FinishReason {
  return reason === 'stop' || reason === 'length' ? reason : 'other';
}
