import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer as OtelApiTracer,
  type TracerProvider,
} from '@opentelemetry/api';
import {
  ActiveCall,
  RookeryError,
  Tracer,
  UNRECORDED,
  type Call,
  type CallKind,
  type CallObserver,
  type Outcome,
  type RefusedAttempt,
  type RunningSpan,
  type SpanAttributes,
  type SpanOptions,
  type Target,
  type TraceCarrier,
  type TraceContext,
} from '../../../core/index.js';
import {
  attemptFacts,
  callFacts,
  errorType,
  methodFacts,
  refusalFacts,
  targetFacts,
  type FactsOptions,
  type TargetFacts,
} from '../call-facts.js';
import type { TraceDraw } from '../trace-draw.js';
import { ActiveTrace } from './active-trace.js';
import type { DrawnIds } from './drawn-ids.js';
import type { TraceHome } from './otel-globals.js';
import { W3cPropagator, contextOf, isSampled } from './propagation.js';

/** What the tracer works with. */
export interface OtelTracerParts {
  readonly active: ActiveCall;
  readonly provider: TracerProvider;
  readonly draw: TraceDraw;
  readonly ids: DrawnIds;
  readonly options: FactsOptions;
}

const KINDS: Readonly<Record<NonNullable<SpanOptions['kind']>, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Spans of calls and of what they do, by OpenTelemetry. Whether a call is recorded is decided before anything is made of
 * it: by its caller's trace where there is one, by the trace of the call in whose course it is made, or by lot.
 */
export class OtelTracer extends Tracer implements CallObserver, TraceHome {
  readonly provider: TracerProvider;
  readonly #active: ActiveCall;
  readonly #draw: TraceDraw;
  readonly #ids: DrawnIds;
  readonly #options: FactsOptions;
  readonly #tracer: OtelApiTracer;
  readonly #propagator = new W3cPropagator();
  readonly #targets = new WeakMap<Target, TargetFacts>();
  readonly #kinds = new Map<CallKind, TargetFacts>();
  /** Recorded calls that run, for inner ones made outside of their scope. A `WeakMap` would cost 3 µs a call. */
  readonly #recorded = new Map<Call, ActiveTrace>();

  constructor({ active, provider, draw, ids, options }: OtelTracerParts) {
    super();
    this.provider = provider;
    this.#active = active;
    this.#draw = draw;
    this.#ids = ids;
    this.#options = options;
    this.#tracer = provider.getTracer('rookery');
  }

  override begin(call: Call): ActiveTrace {
    const outer = this.#outerOf(call);
    if (outer?.sampled === true) return this.#record(call, outer.context);
    if (outer?.exists === true) return outer;
    const { trace: caller, startedAt } = call;
    if (caller !== undefined) {
      const sampled = isSampled(caller);
      return sampled ? this.#record(call, contextOf(caller), caller) : this.#unrecorded(startedAt, caller);
    }
    if (call.parent !== undefined) return this.#unrecorded(startedAt);
    return this.#drawn() ? this.#record(call, ROOT_CONTEXT) : this.#unrecorded(startedAt);
  }

  end(call: Call, outcome: Outcome): void {
    const { trace: current } = this.#active.scope ?? {};
    if (!(current instanceof ActiveTrace) || current.span === undefined) return;
    this.#recorded.delete(call);
    const { span } = current;
    const { name, attributes } = this.#factsOf(call);
    span.updateName(name);
    span.setAttributes(attributes as Attributes);
    span.setAttributes(callFacts(call, outcome, this.#options) as Attributes);
    const refusal = refusalFacts(outcome);
    if (refusal !== undefined) span.addEvent('rookery.refused', refusal as Attributes);
    if (errorType(outcome) !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }

  /** Always a trace of its own: who was not let in does not decide what is recorded. */
  refused(attempt: RefusedAttempt): void {
    if (!this.#drawn()) return;
    const { name, attributes } = attemptFacts(attempt, this.#options);
    const options = { kind: SpanKind.SERVER, attributes: attributes as Attributes };
    const span = this.#tracer.startSpan(name, options, ROOT_CONTEXT);
    span.addEvent('rookery.refused', { 'rookery.outcome': attempt.outcome });
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }

  override span<T>(name: string, options: SpanOptions, work: (span: RunningSpan) => T): T {
    const { kind = 'internal', attributes, caller } = options;
    const current = this.current();
    if (current?.exists === true ? !current.sampled : kind === 'client') return work(UNRECORDED);
    const sampled = current?.sampled === true || (caller === undefined ? this.#drawn() : isSampled(caller));
    if (!sampled) {
      const scope = { call: this.#active.current, trace: this.#unrecorded(performance.now(), caller) };
      return this.#active.run(scope, () => work(UNRECORDED));
    }
    const parent = current?.context ?? (caller === undefined ? ROOT_CONTEXT : contextOf(caller));
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes: attributes as Attributes }, parent);
    const running = {
      recorded: true,
      set: (facts: SpanAttributes): void => void span.setAttributes(facts as Attributes),
    };
    return this.enter(trace.setSpan(parent, span), () => settled(span, () => work(running)));
  }

  override event(name: string, attributes?: SpanAttributes): void {
    this.current()?.recording?.addEvent(name, attributes as Attributes);
  }

  override inject(headers: TraceCarrier): void {
    const current = this.current();
    if (current === undefined) return;
    this.#propagator.inject(current.context, headers, { set: (carrier, key, value) => (carrier[key] = value) });
  }

  override get traceId(): string | undefined {
    return this.current()?.spanContext?.traceId;
  }

  current(): ActiveTrace | undefined {
    const found = this.#active.scope?.trace;
    return found instanceof ActiveTrace ? found : undefined;
  }

  enter<T>(context: Context, work: () => T): T {
    return this.#active.run({ call: this.#active.current, trace: ActiveTrace.of(this.#draw, context) }, work);
  }

  /** The trace that a call is made in: where it is made, if that is its parent, and its parent's wherever it is made. */
  #outerOf({ parent, trace: caller }: Call): ActiveTrace | undefined {
    if (parent === undefined) return caller === undefined ? this.current() : undefined;
    return this.#active.current === parent ? this.current() : this.#recorded.get(parent);
  }

  /** Whether a trace that begins here is recorded; the next id says so, if it is. */
  #drawn(): boolean {
    const draw = this.#draw.draw();
    if (!this.#draw.samples(draw)) return false;
    this.#ids.next = draw;
    return true;
  }

  #unrecorded(startedAt: number, caller?: TraceContext): ActiveTrace {
    return new ActiveTrace(this.#draw, startedAt, undefined, caller);
  }

  /** Name and attributes come at the end, when it is known what was called. */
  #record(call: Call, parent: Context, caller?: TraceContext): ActiveTrace {
    const kind = call.parent === undefined ? SpanKind.SERVER : SpanKind.INTERNAL;
    const span = this.#tracer.startSpan(call.kind, { kind }, parent);
    // Of a call that no other one is around the context can be made when somebody asks.
    const context = call.parent === undefined && parent === ROOT_CONTEXT ? undefined : trace.setSpan(parent, span);
    const made = new ActiveTrace(this.#draw, call.startedAt, span, caller, context);
    this.#recorded.set(call, made);
    return made;
  }

  #factsOf(call: Call): TargetFacts {
    const target = call.targetIfFound;
    let facts = target === undefined ? this.#kinds.get(call.kind) : this.#targets.get(target);
    if (facts !== undefined) return facts;
    facts = target === undefined ? methodFacts(call.kind) : targetFacts(target);
    if (target === undefined) this.#kinds.set(call.kind, facts);
    else this.#targets.set(target, facts);
    return facts;
  }
}

/** Ends the span when the work has ended. What went wrong is told by its kind: a message may repeat an argument. */
function settled<T>(span: Span, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  result.then(
    () => span.end(),
    (error: unknown) => fail(span, error),
  );
  return result;
}

function fail(span: Span, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error;
  span.setAttribute('error.type', error instanceof RookeryError ? error.code : name);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
