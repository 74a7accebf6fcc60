import protobuf from 'protobufjs';

/**
 * OTLP's request for traces, as far as tests look at it: field numbers and types of opentelemetry-proto 1.x
 * (collector/trace/v1/trace_service.proto, trace/v1/trace.proto, common/v1/common.proto, resource/v1/resource.proto).
 */
const PROTO = `
syntax = "proto3";
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message InstrumentationScope { string name = 1; string version = 2; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  string trace_state = 3;
  bytes parent_span_id = 4;
  string name = 5;
  int32 kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10;
  repeated Event events = 11;
  uint32 dropped_events_count = 12;
  Status status = 15;
  fixed32 flags = 16;
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
}
message Status { string message = 2; int32 code = 3; }
`;

/** An attribute's value; whole numbers as numbers. */
export type AttributeValue = string | number | boolean | readonly AttributeValue[] | undefined;

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly service: AttributeValue;
  readonly resource: Readonly<Record<string, AttributeValue>>;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for none. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, AttributeValue>>;
  }[];
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string };
  readonly durationMs: number;
}

interface WireValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
}

interface WireKeyValue {
  readonly key: string;
  readonly value: WireValue;
}

interface WireSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: number;
  readonly endTimeUnixNano: number;
  readonly attributes: readonly WireKeyValue[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly WireKeyValue[] }[];
  readonly status: { readonly code: number; readonly message: string } | null;
}

interface WireRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireKeyValue[] };
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly WireSpan[] }[];
  }[];
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const CODES = ['unset', 'ok', 'error'] as const;

/** Reads requests of OTLP. */
export class OtlpMessages {
  readonly #request: protobuf.Type = protobuf.parse(PROTO).root.lookupType('ExportTraceServiceRequest');

  /** @throws Error when the bytes are no such request. */
  read(bytes: Uint8Array): readonly ReceivedSpan[] {
    const decoded = this.#request.toObject(this.#request.decode(bytes), { longs: Number, defaults: true });
    return (decoded as WireRequest).resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const attributes = valuesOf(resource.attributes);
      return scopeSpans.flatMap(({ scope, spans }) =>
        spans.map((span) => ({
          ...received(span),
          resource: attributes,
          service: attributes['service.name'],
          scope: scope.name,
        })),
      );
    });
  }
}

function received(span: WireSpan): Omit<ReceivedSpan, 'resource' | 'service' | 'scope'> {
  const { name, traceState, events, status } = span;
  return {
    name,
    traceState,
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    kind: KINDS[span.kind] ?? 'unspecified',
    attributes: valuesOf(span.attributes),
    events: events.map((event) => ({ name: event.name, attributes: valuesOf(event.attributes) })),
    status: { code: CODES[status?.code ?? 0] ?? 'unset', message: status?.message ?? '' },
    durationMs: (span.endTimeUnixNano - span.startTimeUnixNano) / 1e6,
  };
}

function valuesOf(attributes: readonly WireKeyValue[]): Record<string, AttributeValue> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: WireValue): AttributeValue {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(valueOf);
  return value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
