import type { Call, TraceContext } from './call.js';

/** Facts of a span: of bounded size, and never an argument, a result or a secret. What is `undefined` is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What a span is. */
export interface SpanOptions {
  /**
   * `client` for what waits for somebody else: a database, an HTTP API, a model. Such a span is only made as a part of
   * something; others begin a trace of their own where there is none.
   *
   * @default 'internal'
   */
  readonly kind?: 'internal' | 'client' | 'server' | 'producer' | 'consumer' | undefined;
  readonly attributes?: SpanAttributes | undefined;
  /**
   * The trace that a client says it is in, for a span that begins what is done for it. Counts where there is no trace
   * yet; whether the span is recorded is decided by the client then.
   */
  readonly caller?: TraceContext | undefined;
}

/** The span that runs, for what becomes known while it does. */
export interface RunningSpan {
  /** Whether anything becomes of it: ask before you compute an attribute that costs. */
  readonly recorded: boolean;
  set(attributes: SpanAttributes): void;
}

/** Where a trace is carried: the headers of a request out. */
export interface TraceCarrier {
  [header: string]: string | string[] | number | undefined;
}

/**
 * Spans, for everybody but the handler of a call: nodes, workflows, requests out, databases, models. What is done in the
 * course of a call belongs to its trace without being told so.
 *
 * Without a tracer, or in a call that is not sampled, nothing is made: `work` runs, and that is all.
 */
export abstract class Tracer {
  /**
   * Runs `work` in a span, which ends when it returns or settles, and fails when it throws or rejects.
   *
   * @param name - of bounded number: `SELECT`, `POST`, not a URL
   */
  abstract span<T>(name: string, options: SpanOptions, work: (span: RunningSpan) => T): T;

  /** Notes on the span that runs here that something happened: a cache hit, a retry. */
  abstract event(name: string, attributes?: SpanAttributes): void;

  /** Writes `traceparent`, and `tracestate` and `baggage` where there are any, into the headers of a request out. */
  abstract inject(headers: TraceCarrier): void;

  /** The trace that this code is part of, 32 hexadecimal digits, sampled or not; for log lines. */
  abstract get traceId(): string | undefined;

  /** What becomes the `trace` of the scope that a call runs in. For the pipeline, before that scope is entered. */
  abstract begin(call: Call): unknown;
}

/** The {@link Tracer} of a server that traces nothing. */
export class NoTracer extends Tracer {
  override span<T>(_name: string, _options: SpanOptions, work: (span: RunningSpan) => T): T {
    return work(UNRECORDED);
  }

  override event(): void {}

  override inject(): void {}

  override get traceId(): undefined {
    return undefined;
  }

  override begin(): undefined {
    return undefined;
  }
}

/** What work gets where no span is made. */
export const UNRECORDED: RunningSpan = { recorded: false, set: () => undefined };

/** The tracer of a module that traces. Provided globally by that module; without it, or one in it, nothing is traced. */
export abstract class TracerSource {
  abstract readonly tracer: Tracer | undefined;
}
