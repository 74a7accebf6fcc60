import { z } from 'zod';
import { endpointFault } from './otlp-endpoint.js';

/** The share of traces that is recorded. */
export const sampleRate = z.number().min(0).max(1);

/** The address of a collector. */
export const endpoint = z.string().superRefine((value, context) => {
  const message = endpointFault(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** A bound on the collector's patience; Node's timers wait no longer than the largest. */
const milliseconds = z.int().positive().max(600_000);

/** The section `monitoring.tracing`. What has two names has no default here; `MonitoringSettings` has it. */
export const tracingOptions = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe('Whether calls are traced. Without it they are where there is an `endpoint`.'),
    endpoint: endpoint
      .optional()
      .describe(
        'Where spans go, by OTLP over HTTP: `http://collector:4318`. Without a path it gets `/v1/traces`. `http://127.0.0.1:4318` where tracing is on and nothing is said.',
      ),
    exportEndpoint: endpoint.optional().describe('Another name of `endpoint`.'),
    serviceName: z.string().min(1).optional().describe('`service.name` of the spans. Without it the server’s name.'),
    sampleRate: sampleRate
      .optional()
      .describe(
        'The share of traces that is recorded, 0 to 1; 0.1 without it. A call that is part of a client’s trace is recorded if that trace is.',
      ),
    traceSamplingRate: sampleRate.optional().describe('Another name of `sampleRate`.'),
    headers: z
      .record(z.string().min(1), z.string().meta({ secret: true }))
      .default({})
      .describe('Headers for the collector, such as `authorization`.'),
    compression: z
      .enum(['none', 'gzip'])
      .default('none')
      .describe('`gzip` costs more processor than it saves network where the collector is near.'),
    recordArguments: z
      .boolean()
      .default(false)
      .describe(
        'Whether spans have the arguments of calls, up to 4,096 characters, and the URIs of resources. Whoever sees traces sees them then; what looks like a credential is masked.',
      ),
    recordPrincipal: z.boolean().default(true).describe('Whether spans say who called, as `enduser.id`.'),
    batchSize: z.int().min(1).max(10_000).default(512).describe('The most spans in one request to the collector.'),
    queueSize: z
      .int()
      .min(1)
      .max(100_000)
      .default(2_048)
      .describe('The most spans that wait for the collector; what comes on top is dropped, and counted.'),
    exportIntervalMs: milliseconds.default(5_000).describe('How long a span waits for others to be sent with.'),
    timeoutMs: milliseconds
      .default(10_000)
      .describe('How long the collector may take for one request, repetitions included.'),
    shutdownTimeoutMs: milliseconds
      .default(5_000)
      .describe('How long the server waits for the collector when it stops; what is left then is dropped.'),
  })
  .refine(({ batchSize, queueSize }) => batchSize <= queueSize, {
    path: ['batchSize'],
    message: 'must not be more than queueSize',
  });

/** The section `monitoring.tracing`, complete. */
export type TracingOptions = z.output<typeof tracingOptions>;
