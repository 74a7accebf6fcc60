/** The part of autocannon's API that the benchmark uses; the package ships no types. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  type Headers = Readonly<Record<string, string>>;

  interface Request {
    readonly method: 'POST' | 'DELETE';
    readonly headers: Headers;
    readonly body?: string;
  }

  /** One of the requests that a connection sends by turns. */
  interface Turn<Context> extends Request {
    /** Completes the request before it is sent; the context is new whenever a connection begins with the first turn. */
    readonly setupRequest?: (request: Request, context: Context) => Request;
    readonly onResponse?: (status: number, body: string, context: Context, headers: Headers) => void;
  }

  interface Options<Context> {
    readonly url: string;
    readonly method?: 'POST';
    readonly headers?: Headers;
    readonly body?: string;
    readonly requests?: readonly Turn<Context>[];
    readonly connections: number;
    /** How many requests to send in all. */
    readonly amount: number;
    /** The body that every answer must have; others count as mismatches. */
    readonly expectBody?: string;
    /** How many errors or mismatches end the run. */
    readonly bailout: number;
    /** Milliseconds between two looks at whether the run is over. */
    readonly sampleInt: number;
  }

  interface Result {
    readonly '2xx': number;
    readonly non2xx: number;
    readonly errors: number;
    readonly timeouts: number;
    readonly mismatches: number;
  }

  /** A run under way: awaiting it gives the result, `response` events tell of each answer. */
  interface Run extends EventEmitter, PromiseLike<Result> {
    stop(): void;
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
    ): this;
  }

  export default function autocannon<Context = unknown>(options: Options<Context>): Run;
}
