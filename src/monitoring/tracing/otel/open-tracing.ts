import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Tracer } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';
import type { ActiveCall, ServerIdentity } from '../../../core/index.js';
import type { SpanCounts } from '../span-counts.js';
import { TraceDraw } from '../trace-draw.js';
import type { TracingSettings } from '../tracing.settings.js';
import { LONGEST_ATTRIBUTE, type SpanSource } from './call-span.js';
import { CountedExport } from './counted-export.js';
import { DrawnIds } from './drawn-ids.js';
import { join, leave } from './otel-globals.js';
import { OtelTracer } from './otel-tracer.js';

/** What tracing is opened with. */
export interface TracingParts {
  readonly settings: TracingSettings;
  readonly identity: ServerIdentity;
  readonly instanceId: string;
  readonly active: ActiveCall;
  readonly counts: SpanCounts;
  readonly random: () => number;
}

/** Tracing that runs. */
export interface OpenTracing {
  readonly tracer: OtelTracer;
  /** Whether `@opentelemetry/api` is served too; it is not where somebody else set it up before. */
  readonly global: boolean;
  close(): Promise<void>;
}

/** An enumeration of a package that is not one of ours. */
type Compression = NonNullable<NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>['compression']>;

/** Sets up OpenTelemetry's SDK for one server. The one file that knows it. */
export function openTracing({ settings, identity, instanceId, active, counts, random }: TracingParts): OpenTracing {
  const { url, headers, compression, timeoutMs, queueSize, batchSize } = settings;
  const exporter = new OTLPTraceExporter({
    url,
    headers,
    compression: compression as unknown as Compression,
    timeoutMillis: timeoutMs,
    concurrencyLimit: Math.ceil(queueSize / batchSize) + 1,
    httpAgentOptions: { keepAlive: true },
    userAgent: `rookery/${identity.version}`,
  });
  const counted = new CountedExport(exporter, counts, { queueSize, timeoutMs });
  const batches = new BatchSpanProcessor(counted, {
    maxQueueSize: queueSize,
    maxExportBatchSize: batchSize,
    scheduledDelayMillis: settings.exportIntervalMs,
    exportTimeoutMillis: 2 * timeoutMs + 1_000,
  });
  const draw = new TraceDraw(settings.sampleRate, random);
  const ids = new DrawnIds(draw);
  const resource = resourceFromAttributes({
    'service.name': settings.serviceName ?? identity.name,
    'service.version': identity.version,
    'service.instance.id': instanceId,
  });
  const calls = counted.collectIn(batches);
  const provider = new NodeTracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.sampleRate) }),
    idGenerator: ids,
    spanLimits: { attributeValueLengthLimit: LONGEST_ATTRIBUTE },
    spanProcessors: [calls],
  });
  const { recordArguments, recordPrincipal } = settings;
  // The SDK's tracers say their scope; the type of the API does not.
  const ours = provider.getTracer('rookery') as Tracer & Pick<ReadableSpan, 'instrumentationScope'>;
  const source: SpanSource = { tracer: ours, draw, ids, resource, scope: ours.instrumentationScope };
  const tracer = new OtelTracer({ active, provider, source, calls, options: { recordArguments, recordPrincipal } });
  const global = join(tracer);
  return {
    tracer,
    global,
    close: async () => {
      leave(tracer);
      await counted.close(settings.shutdownTimeoutMs);
    },
  };
}
