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
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node';
import {
  ActiveCall,
  InFlightMap,
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
  methodFacts,
  refusalFacts,
  targetFacts,
  type FactsOptions,
  type TargetFacts,
} from '../call-facts.js';
import type { TraceDraw } from '../trace-draw.js';
import { ActiveTrace } from './active-trace.js';
import { CallStart, type SpanSource } from './call-span.js';
import type { TraceHome } from './otel-globals.js';
import { W3cPropagator, contextOf, isSampled } from './propagation.js';

/** What the tracer works with. */
export interface OtelTracerParts {
  readonly active: ActiveCall;
  readonly provider: TracerProvider;
  readonly source: SpanSource;
  /** Takes spans of calls that have ended, as the provider's own processor does. */
  readonly calls: Pick<SpanProcessor, 'onEnd'>;
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
  readonly #source: SpanSource;
  readonly #draw: TraceDraw;
  readonly #calls: OtelTracerParts['calls'];
  readonly #options: FactsOptions;
  readonly #tracer: OtelApiTracer;
  readonly #propagator = new W3cPropagator();
  readonly #targets = new WeakMap<Target, TargetFacts>();
  readonly #kinds = new Map<CallKind, TargetFacts>();
  /** Recorded calls that run, for inner ones made outside of their scope. A `WeakMap` would cost 3 µs a call. */
  readonly #recorded = new InFlightMap<Call, ActiveTrace>();

  constructor({ active, provider, source, calls, options }: OtelTracerParts) {
    super();
    this.provider = provider;
    this.#active = active;
    this.#source = source;
    this.#draw = source.draw;
    this.#calls = calls;
    this.#options = options;
    this.#tracer = source.tracer;
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
    const lot = this.#lot();
    return lot === undefined ? this.#unrecorded(startedAt) : this.#record(call, ROOT_CONTEXT, undefined, lot);
  }

  end(call: Call, outcome: Outcome): void {
    const { trace: current } = this.#active.scope ?? {};
    if (!(current instanceof ActiveTrace) || !current.sampled) return;
    this.#recorded.delete(call);
    const facts = this.#factsOf(call);
    const told = callFacts(call, outcome, this.#options);
    const refusal = refusalFacts(outcome);
    if (refusal !== undefined) current.note('rookery.refused', refusal);
    const failed = told['error.type'] !== undefined;
    const ended = current.ended({ name: facts.name, attributes: [facts.attributes, told], failed });
    if (ended === undefined) endSpan(current, facts, told, failed);
    else this.#calls.onEnd(ended);
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
    this.current()?.note(name, attributes);
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

  /** What is drawn for a trace that begins here, if it is recorded. */
  #lot(): number | undefined {
    const lot = this.#draw.draw();
    return this.#draw.samples(lot) ? lot : undefined;
  }

  /** Whether a trace that begins here is recorded; the next id says so, if it is. */
  #drawn(): boolean {
    const lot = this.#lot();
    if (lot === undefined) return false;
    this.#source.ids.next = lot;
    return true;
  }

  #unrecorded(startedAt: number, caller?: TraceContext): ActiveTrace {
    return new ActiveTrace(this.#draw, startedAt, undefined, caller);
  }

  /** Name and attributes come at the end, when it is known what was called. */
  #record(call: Call, parent: Context, caller?: TraceContext, lot?: number): ActiveTrace {
    const start = new CallStart(this.#source, call, parent, lot);
    const made =
      call.parent === undefined && (parent === ROOT_CONTEXT || caller !== undefined)
        ? new ActiveTrace(this.#draw, call.startedAt, start, caller)
        : inside(this.#draw, call, start.span(), parent);
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

/** A call in the course of something that is recorded. */
function inside(draw: TraceDraw, { startedAt }: Call, span: Span, parent: Context): ActiveTrace {
  return new ActiveTrace(draw, startedAt, span, undefined, trace.setSpan(parent, span));
}

function endSpan(
  { span }: ActiveTrace,
  { name, attributes }: TargetFacts,
  told: SpanAttributes,
  failed: boolean,
): void {
  span?.updateName(name);
  span?.setAttributes(attributes as Attributes);
  span?.setAttributes(told as Attributes);
  if (failed) span?.setStatus({ code: SpanStatusCode.ERROR });
  span?.end(performance.now());
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
