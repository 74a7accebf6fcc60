import { ROOT_CONTEXT, trace, type Context, type Span, type SpanContext } from '@opentelemetry/api';
import type { TraceContext } from '../../../core/index.js';
import type { TraceDraw } from '../trace-draw.js';
import { contextOf, spanContextOf } from './propagation.js';

/**
 * The trace that a piece of code is part of: what stands in the `trace` of a scope. Of one that is not recorded nothing is
 * made until somebody asks.
 */
export class ActiveTrace {
  #context: Context | undefined;

  /**
   * @param enteredAt - on the clock of `performance.now()`
   * @param span - what is recorded; without it nothing is
   * @param caller - the trace of the caller, where it says so
   * @param given - whether the context is all there is
   */
  constructor(
    private readonly draw: TraceDraw,
    readonly enteredAt: number,
    readonly span: Span | undefined,
    private readonly caller?: TraceContext | undefined,
    context?: Context,
    private readonly given = false,
  ) {
    this.#context = context;
  }

  /** The scope of a context that somebody enters. */
  static of(draw: TraceDraw, context: Context): ActiveTrace {
    return new ActiveTrace(draw, performance.now(), trace.getSpan(context), undefined, context, true);
  }

  /** Whether what is done here is recorded. */
  get sampled(): boolean {
    return this.span !== undefined && (this.span.spanContext().traceFlags & 1) === 1;
  }

  /** The span that things can be noted on; none once it has ended. */
  get recording(): Span | undefined {
    return this.span?.isRecording() === true ? this.span : undefined;
  }

  /** As OpenTelemetry's API sees it; always the same one. */
  get context(): Context {
    return (this.#context ??= this.#made());
  }

  /** Whether there is a trace at all: a context that somebody enters may have none. */
  get exists(): boolean {
    return this.span !== undefined || !this.given || trace.getSpanContext(this.context) !== undefined;
  }

  get spanContext(): SpanContext | undefined {
    return trace.getSpanContext(this.context);
  }

  #made(): Context {
    const context = this.caller === undefined ? ROOT_CONTEXT : contextOf(this.caller);
    if (this.span !== undefined) return trace.setSpan(context, this.span);
    return trace.setSpanContext(context, (this.caller && spanContextOf(this.caller)) ?? this.#unrecorded());
  }

  #unrecorded(): SpanContext {
    return { traceId: this.draw.unsampledTraceId(), spanId: this.draw.spanId(), traceFlags: 0 };
  }
}
