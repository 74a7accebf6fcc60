/** What goes wrong with an answer. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly retryAfter?: string }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'html' }
  /** A part that is not JSON. */
  | { readonly kind: 'malformed' }
  /** The answer ends, as if it were complete, before its last parts. */
  | { readonly kind: 'cut' }
  /** The connection breaks in the middle. */
  | { readonly kind: 'reset' }
  /** A part at a time, and no end. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Nothing at all. */
  | { readonly kind: 'hang' }
  /** One part without an end of line. */
  | { readonly kind: 'huge-line'; readonly bytes: number }
  /** The provider fails after its answer began. */
  | { readonly kind: 'error-part'; readonly message: string };

/** What the server answers to one request. */
export interface Script {
  /** The answer in the pieces in which it is streamed. */
  readonly pieces?: readonly string[];
  readonly toolCalls?: readonly { readonly name: string; readonly input: unknown }[];
  readonly finish?: 'stop' | 'length';
  /** `false` tells nothing. */
  readonly usage?: { readonly input: number; readonly output: number } | false;
  readonly fault?: Fault;
  /** Lines of a stream end with CR and LF. @default with LF */
  readonly crlf?: boolean;
}

/** A chat request as the server got it. */
export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Resolves when the connection of the answer is closed: whether that was before its end. */
  readonly closed: Promise<{ readonly early: boolean }>;
}

/** The models that the server has. */
export const MODELS: readonly string[] = ['llama3.2:3b', 'nomic-embed'];

/** How a provider writes its answers. */
export interface Wire {
  readonly type: 'ollama' | 'openai' | 'anthropic';
  readonly chatPath: string;
  readonly modelsPath: string;
  readonly streamType: string;
  models(): unknown;
  /** The whole answer in one body. */
  whole(script: Script, model: string): unknown;
  /** The parts of a stream, each as its bytes. */
  parts(script: Script, model: string): readonly string[];
  /** A part that says that the provider failed. */
  errorPart(message: string): string;
  /** One part with this as its data, whatever that is. */
  part(data: string): string;
  /** The body of a refusal. */
  error(status: number, message: string): unknown;
  missing(model: string): string;
  /** What is wrong with a request; `undefined` when nothing is. */
  refuse(body: Readonly<Record<string, unknown>>, headers: Received['headers']): string | undefined;
  /** Another path that it answers: embeddings, version. */
  other?(path: string, body: Readonly<Record<string, unknown>>): unknown;
}
