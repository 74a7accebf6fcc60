import {
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type HrTime,
  type Span,
  type SpanContext,
  type SpanStatus,
  type Tracer,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import type { Call, SpanAttributes } from '../../../core/index.js';
import type { TraceDraw } from '../trace-draw.js';
import type { DrawnIds } from './drawn-ids.js';

/** The longest text in a span; the SDK's own default is none. */
export const LONGEST_ATTRIBUTE = 4_096;

/** Something that happened in the course of a span. */
export interface SpanEvent {
  readonly name: string;
  readonly attributes: SpanAttributes | undefined;
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

/** Where spans of calls come from. */
export interface SpanSource {
  readonly tracer: Tracer;
  readonly draw: TraceDraw;
  readonly ids: DrawnIds;
  readonly resource: ReadableSpan['resource'];
  readonly scope: ReadableSpan['instrumentationScope'];
}

/** Where the span of a call stands among others: made into one when somebody asks for it, or when the call has ended. */
export class CallStart {
  readonly kind: SpanKind;

  /** @param lot - what was drawn for a trace that begins here */
  constructor(
    private readonly source: SpanSource,
    private readonly call: Call,
    readonly parent: Context,
    private readonly lot: number | undefined,
  ) {
    this.kind = call.parent === undefined ? SpanKind.SERVER : SpanKind.INTERNAL;
  }

  /** The span as OpenTelemetry makes it; the first one only. It is to be ended with a time. */
  span(): Span {
    const { tracer, ids } = this.source;
    if (this.lot !== undefined) ids.next = this.lot;
    return tracer.startSpan(this.call.kind, { kind: this.kind, startTime: this.call.startedAt }, this.parent);
  }

  /** The span of the call that ends now, of which nobody else has heard. */
  ended(told: CallTold): CallSpan {
    const { source, call, kind, lot } = this;
    const { startedAt } = call;
    return new CallSpan(source, { kind, lot, parent: trace.getSpanContext(this.parent), startedAt }, told);
  }
}

/** What is known of a call at its end. */
export interface CallTold {
  readonly name: string;
  /** In this order; a later one says more. */
  readonly attributes: readonly SpanAttributes[];
  readonly events: readonly SpanEvent[];
  readonly failed: boolean;
}

interface Standing {
  readonly kind: SpanKind;
  readonly lot: number | undefined;
  readonly parent: SpanContext | undefined;
  readonly startedAt: number;
}

/**
 * The span of a call that has ended, as exporters read it. It holds no more of the call than it tells, and puts that
 * together when it is read: a whole batch is read at once, at a fraction of what each would cost among the calls.
 */
export class CallSpan implements ReadableSpan {
  readonly links: ReadableSpan['links'] = [];
  readonly ended = true;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly parentSpanContext?: SpanContext;
  readonly #endedAt = performance.now();
  /** From the clock of `performance.now()` to that of the epoch, both in milliseconds. */
  readonly #offset = Date.now() - this.#endedAt;
  #context: SpanContext | undefined;
  #attributes: Attributes | undefined;

  constructor(
    private readonly source: SpanSource,
    private readonly standing: Standing,
    private readonly told: CallTold,
  ) {
    if (standing.parent !== undefined) this.parentSpanContext = standing.parent;
  }

  get name(): string {
    return this.told.name;
  }

  get kind(): SpanKind {
    return this.standing.kind;
  }

  get resource(): ReadableSpan['resource'] {
    return this.source.resource;
  }

  get instrumentationScope(): ReadableSpan['instrumentationScope'] {
    return this.source.scope;
  }

  get startTime(): HrTime {
    return this.#time(this.standing.startedAt);
  }

  get endTime(): HrTime {
    return this.#time(this.#endedAt);
  }

  get duration(): HrTime {
    return hrTime(this.#endedAt - this.standing.startedAt);
  }

  get status(): SpanStatus {
    return { code: this.told.failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET };
  }

  get attributes(): Attributes {
    return (this.#attributes ??= joined(this.told.attributes));
  }

  get events(): ReadableSpan['events'] {
    return this.told.events.map(({ name, attributes, at }) => ({
      name,
      time: this.#time(at),
      attributes: joined([attributes ?? {}]),
    }));
  }

  spanContext(): SpanContext {
    return (this.#context ??= this.#made());
  }

  #made(): SpanContext {
    const { draw } = this.source;
    const { parent, lot } = this.standing;
    const traceId = parent?.traceId ?? draw.traceId(lot ?? draw.draw());
    const made: SpanContext = { traceId, spanId: draw.spanId(), traceFlags: 1 };
    return parent?.traceState === undefined ? made : { ...made, traceState: parent.traceState };
  }

  #time(at: number): HrTime {
    return hrTime(at + this.#offset);
  }
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.floor((milliseconds - seconds * 1_000) * 1_000_000)];
}

function joined(groups: readonly SpanAttributes[]): Attributes {
  const attributes: Attributes = {};
  for (const group of groups) {
    for (const name of Object.keys(group)) {
      const value = group[name];
      if (value === undefined) continue;
      attributes[name] = (typeof value === 'string' ? value.slice(0, LONGEST_ATTRIBUTE) : value) as string;
    }
  }
  return attributes;
}
