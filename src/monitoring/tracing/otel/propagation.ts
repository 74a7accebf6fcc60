import {
  ROOT_CONTEXT,
  baggageEntryMetadataFromString,
  createTraceState,
  propagation,
  trace,
  type Baggage,
  type BaggageEntry,
  type Context,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import type { TraceContext } from '../../../core/index.js';

/** What is known of a caller's trace: its flags say whether it is recorded. */
export function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  const found: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  if (!trace.isSpanContextValid(found)) return undefined;
  return tracestate === undefined ? found : { ...found, traceState: createTraceState(tracestate) };
}

/** Whether the caller records its trace. */
export function isSampled({ traceparent }: TraceContext): boolean {
  return (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
}

/** A context with the caller's trace and baggage. */
export function contextOf(caller: TraceContext): Context {
  const found = spanContextOf(caller);
  const context = found === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, found);
  return caller.baggage === undefined ? context : propagation.setBaggage(context, parseBaggage(caller.baggage));
}

/** W3C Trace Context and Baggage, for our own requests out and for OpenTelemetry's instrumentations. */
export class W3cPropagator implements TextMapPropagator {
  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const found = trace.getSpanContext(context);
    if (found !== undefined && trace.isSpanContextValid(found)) {
      const { traceId, spanId, traceFlags, traceState } = found;
      setter.set(carrier, 'traceparent', `00-${traceId}-${spanId}-0${traceFlags & 1}`);
      const state = traceState?.serialize() ?? '';
      if (state !== '') setter.set(carrier, 'tracestate', state);
    }
    const baggage = propagation.getBaggage(context);
    const text = baggage === undefined ? '' : formatBaggage(baggage);
    if (text !== '') setter.set(carrier, 'baggage', text);
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const [traceparent, tracestate, baggage] = this.fields().map((name) => textOf(getter.get(carrier, name)));
    const found = traceparent === undefined ? undefined : spanContextOf({ traceparent, tracestate });
    const traced = found === undefined ? context : trace.setSpanContext(context, found);
    return baggage === undefined ? traced : propagation.setBaggage(traced, parseBaggage(baggage));
  }

  fields(): string[] {
    return ['traceparent', 'tracestate', 'baggage'];
  }
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(',') : value;
}

function parseBaggage(text: string): Baggage {
  const entries: Record<string, BaggageEntry> = {};
  for (const member of text.split(',')) {
    const [pair = '', ...properties] = member.split(';');
    const [, key, value] = /^\s*([^\s=]+)\s*=\s*(\S*)\s*$/.exec(pair) ?? [];
    const decoded = value === undefined ? undefined : decode(value);
    if (key === undefined || decoded === undefined) continue;
    const metadata = properties.length > 0 && { metadata: baggageEntryMetadataFromString(properties.join(';')) };
    entries[key] = { value: decoded, ...metadata };
  }
  return propagation.createBaggage(entries);
}

function formatBaggage(baggage: Baggage): string {
  return baggage
    .getAllEntries()
    .map(([key, { value, metadata }]) => {
      const properties = metadata?.toString() ?? '';
      return `${key}=${encodeURIComponent(value)}${properties === '' ? '' : `;${properties}`}`;
    })
    .join(',');
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
