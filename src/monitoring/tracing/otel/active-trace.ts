import { ROOT_CONTEXT, trace, type Attributes, type Context, type Span, type SpanContext } from '@opentelemetry/api';
import type { SpanAttributes, TraceContext } from '../../../core/index.js';
import type { TraceDraw } from '../trace-draw.js';
import { CallStart, type CallSpan, type CallTold, type SpanEvent } from './call-span.js';
import { contextOf, spanContextOf } from './propagation.js';

const NOTHING: readonly SpanEvent[] = [];
/** Of a span with more OpenTelemetry keeps the last ones, and counts the others. */
const MOST_EVENTS = 128;

/**
 * The trace that a piece of code is part of: what stands in the `trace` of a scope. Nothing is made until somebody asks:
 * neither the ids of one that is not recorded, nor the span of a call that is.
 */
export class ActiveTrace {
  #context: Context | undefined;
  #span: Span | undefined;
  #start: CallStart | undefined;
  #ended: CallSpan | undefined;
  #events: SpanEvent[] | undefined;

  /**
   * @param enteredAt - on the clock of `performance.now()`
   * @param recorded - the span, or that of a call which nobody has asked for yet; without either nothing is recorded
   * @param caller - the trace of the caller, where it says so
   * @param given - whether the context is all there is
   */
  constructor(
    private readonly draw: TraceDraw,
    readonly enteredAt: number,
    recorded: Span | CallStart | undefined,
    private readonly caller?: TraceContext | undefined,
    context?: Context,
    private readonly given = false,
  ) {
    this.#context = context;
    if (recorded instanceof CallStart) this.#start = recorded;
    else this.#span = recorded;
  }

  /** The scope of a context that somebody enters. */
  static of(draw: TraceDraw, context: Context): ActiveTrace {
    return new ActiveTrace(draw, performance.now(), trace.getSpan(context), undefined, context, true);
  }

  /** What is recorded, with what has happened so far. */
  get span(): Span | undefined {
    if (this.#start !== undefined) {
      this.#span = this.#start.span();
      this.#start = undefined;
      for (const { name, attributes, at } of this.#events ?? NOTHING) {
        this.#span.addEvent(name, attributes as Attributes, at);
      }
    } else if (this.#ended !== undefined) {
      this.#span ??= trace.wrapSpanContext(this.#ended.spanContext());
    }
    return this.#span;
  }

  /** The span of a call that ends here, if nobody has asked for it before: then all that is to be told is told at once. */
  ended({ name, attributes, failed }: Omit<CallTold, 'events'>): CallSpan | undefined {
    if (this.#start === undefined) return undefined;
    this.#ended = this.#start.ended({ name, attributes, events: this.#events ?? NOTHING, failed });
    this.#start = undefined;
    return this.#ended;
  }

  /** Whether what is done here is recorded. */
  get sampled(): boolean {
    if (this.#start !== undefined || this.#ended !== undefined) return true;
    return this.#span !== undefined && (this.#span.spanContext().traceFlags & 1) === 1;
  }

  /** The span that things can be noted on; none once it has ended. */
  get recording(): Span | undefined {
    return this.span?.isRecording() === true ? this.span : undefined;
  }

  /** Notes that something happened; nothing once the span has ended. */
  note(name: string, attributes: SpanAttributes | undefined): void {
    const events = this.#events?.length ?? 0;
    if (this.#start === undefined || events >= MOST_EVENTS) this.recording?.addEvent(name, attributes as Attributes);
    else (this.#events ??= []).push({ name, attributes, at: performance.now() });
  }

  /** As OpenTelemetry's API sees it; always the same one. */
  get context(): Context {
    return (this.#context ??= this.#made());
  }

  /** Whether there is a trace at all: a context that somebody enters may have none. */
  get exists(): boolean {
    return (
      this.#start !== undefined ||
      this.#span !== undefined ||
      !this.given ||
      trace.getSpanContext(this.context) !== undefined
    );
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
