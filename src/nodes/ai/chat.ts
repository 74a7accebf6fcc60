import type { JsonSchema } from '../../core/index.js';

/** A tool that the model asks for. */
export interface ToolCall {
  /** Ties the result to the call; made up by us where a provider gives none. */
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Set when the model's arguments were no JSON object: what is wrong with them, for the model to read. */
  readonly malformed?: string | undefined;
}

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** Of an assistant's turn: what it asked for. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** Of a tool's turn: which call it answers. */
  readonly toolCallId?: string | undefined;
  /** Of a tool's turn: whose result it is. */
  readonly toolName?: string | undefined;
  /** Of a tool's turn: whether the tool failed. */
  readonly failed?: boolean | undefined;
  /** An assistant's turn in its provider's own form ({@link ChatAnswer.native}), given back as it came. */
  readonly native?: unknown;
}

/** A tool as the model sees it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: JsonSchema;
}

/** Tokens, as the provider counts them. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** True when the provider told nothing and four bytes of text were taken for a token. */
  readonly estimated?: boolean | undefined;
}

/** What a model is asked. */
export interface ChatRequest {
  /** The name the provider knows it by. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number | undefined;
  /** The longest answer, in tokens. */
  readonly maxTokens: number;
  /** The answer is to be one JSON value of this schema. A provider may only try: check the answer. */
  readonly schema?: JsonSchema | undefined;
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** Whether tools may be asked for now; `none` keeps them in view, as the conversation mentions them. @default 'auto' */
  readonly toolChoice?: 'auto' | 'none' | undefined;
  readonly signal: AbortSignal;
  /** Hears the answer's text while it comes; without, the answer comes at once. Must not throw. */
  readonly onText?: ((delta: string) => void) | undefined;
  /** Hears what the provider tells of the usage so far, each time: all there is of a request that is aborted. */
  readonly onUsage?: ((usage: Usage) => void) | undefined;
}

/** Why a model stopped. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'refusal' | 'other';

/** What a model answered. */
export interface ChatAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** `undefined` when the provider does not tell. */
  readonly usage: Usage | undefined;
  readonly finishReason: FinishReason;
  /** The model as the provider names it, which may be more precise than the request. */
  readonly model: string;
  /** The name of the provider in the configuration. */
  readonly provider: string;
  /** The turn in the provider's own form, for {@link ChatMessage.native}. */
  readonly native?: unknown;
}

/** Texts as vectors, in the order of the texts. */
export interface EmbedAnswer {
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage | undefined;
  readonly model: string;
  readonly provider: string;
}
