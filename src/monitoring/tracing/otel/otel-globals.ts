import {
  INVALID_SPAN_CONTEXT,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  context as contexts,
  createContextKey,
  propagation,
  trace,
  type Context,
  type ContextManager,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { ActiveTrace } from './active-trace.js';
import { W3cPropagator } from './propagation.js';

/** One server that traces, as OpenTelemetry's API meets it. */
export interface TraceHome {
  readonly provider: TracerProvider;
  /** What this code is part of, where it runs for this server. */
  current(): ActiveTrace | undefined;
  /** Runs work inside a context, in this server's scope. */
  enter<T>(context: Context, work: () => T): T;
}

type Work = (...given: never[]) => unknown;

const HOME = createContextKey('rookery trace home');

/** The servers of this process that trace. A server outside of whose calls something is traced is the first one. */
const homes = new Set<TraceHome>();

function currentHome(): TraceHome | undefined {
  let found: TraceHome | undefined;
  let enteredAt = Number.NEGATIVE_INFINITY;
  for (const home of homes) {
    const current = home.current();
    if (current === undefined || current.enteredAt < enteredAt) continue;
    [found, enteredAt] = [home, current.enteredAt];
  }
  return found;
}

function homeOf(context: Context): TraceHome | undefined {
  const marked = context.getValue(HOME) as TraceHome | undefined;
  if (marked !== undefined && homes.has(marked)) return marked;
  return currentHome() ?? homes.values().next().value;
}

/** What OpenTelemetry calls the active context is the trace in the scope of the call. */
class ScopeContexts implements ContextManager {
  active(): Context {
    const home = currentHome();
    const found = home?.current();
    return found === undefined ? ROOT_CONTEXT : found.context.setValue(HOME, home);
  }

  with<A extends unknown[], F extends (...given: A) => ReturnType<F>>(
    context: Context,
    work: F,
    self?: ThisParameterType<F>,
    ...given: A
  ): ReturnType<F> {
    const run = (): ReturnType<F> => work.apply(self as never, given);
    const home = homeOf(context);
    return home === undefined ? run() : home.enter(context, run);
  }

  /** Of functions; event emitters need no binding, as their listeners run where they were registered or emitted. */
  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    const work = target as unknown as Work;
    const bound = (...given: never[]): unknown => this.with(context, () => work(...given));
    return bound as unknown as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

/** The tracer of a team or an instrumentation: spans go to the server for which the code runs. */
class HomeTracer implements Tracer {
  constructor(private readonly identity: Parameters<TracerProvider['getTracer']>) {}

  startSpan(name: string, options?: SpanOptions, context: Context = contexts.active()): Span {
    const home = homeOf(context);
    if (home === undefined) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    return home.provider.getTracer(...this.identity).startSpan(name, options, context);
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...given: readonly unknown[]): ReturnType<F> {
    const work = given.at(-1) as F;
    const options = given.length > 1 ? (given[0] as SpanOptions) : undefined;
    const parent = given.length > 2 ? (given[1] as Context) : contexts.active();
    const span = this.startSpan(name, options, parent);
    return contexts.with(trace.setSpan(parent, span), () => work(span)) as ReturnType<F>;
  }
}

const provider: TracerProvider = { getTracer: (...identity) => new HomeTracer(identity) };

/**
 * Makes a server known to `@opentelemetry/api`, so that a team's `trace.getActiveSpan()` and OpenTelemetry's
 * instrumentations work inside of calls. That API has one provider and one context manager in a process: they are here,
 * and ask the server for which the code runs.
 *
 * @returns whether the API is ours; it is not where somebody set up OpenTelemetry before
 */
export function join(home: TraceHome): boolean {
  homes.add(home);
  trace.setGlobalTracerProvider(provider);
  const known = trace.getTracerProvider();
  if (!(known instanceof ProxyTracerProvider) || known.getDelegate() !== provider) return false;
  contexts.setGlobalContextManager(new ScopeContexts());
  propagation.setGlobalPropagator(new W3cPropagator());
  return true;
}

/** Forgets a server. */
export function leave(home: TraceHome): void {
  homes.delete(home);
}
