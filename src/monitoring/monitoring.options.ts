import { z } from 'zod';
import { alertsOptions } from './alerts/alerts.options.js';
import { healthCheckInterval, healthOptions } from './health/health.options.js';
import { loggingOptions } from './logging/logging.options.js';
import { exportFormat, exportPort, metricsConfig, metricsOptions } from './metrics/metrics.options.js';
import { settledNames } from './settled-names.js';
import { sampleRate, tracingOptions } from './tracing/tracing.options.js';

/** The section `monitoring`. */
export const monitoringOptions = z
  .strictObject({
    metrics: metricsOptions.prefault({}).describe('Counts, durations and states, for Prometheus.'),
    metricsConfig: metricsConfig.optional().describe('Another name of `metrics`, for what both have.'),
    enableMetrics: z.boolean().optional().describe('Another name of `metrics.enabled`.'),
    metricsExportFormat: exportFormat.optional().describe('Another name of `metrics.exportFormat`.'),
    metricsExportPort: exportPort.optional().describe('Another name of `metrics.exportPort`.'),
    health: healthOptions.prefault({}).describe('What is looked at for `/health`, `/health/ready` and `health_check`.'),
    enableHealthChecks: z.boolean().optional().describe('Another name of `health.enabled`.'),
    healthCheckInterval: healthCheckInterval.optional().describe('Another name of `health.healthCheckInterval`.'),
    tracing: tracingOptions.prefault({}).describe('Spans of calls and of what they do, for OpenTelemetry.'),
    enableDistributedTracing: z.boolean().optional().describe('Another name of `tracing.enabled`.'),
    enableTracing: z.boolean().optional().describe('Another name of `tracing.enabled`.'),
    tracingSampleRate: sampleRate.optional().describe('Another name of `tracing.sampleRate`.'),
    alerts: alertsOptions.prefault({}).describe('What is watched over the metrics, and who is told.'),
    logging: loggingOptions.prefault({}).describe('Log lines, on stderr.'),
    startChecks: z
      .enum(['off', 'local', 'network', 'all'])
      .default('network')
      .describe(
        'What of `rookery doctor` is looked at after each start, and logged where it is not well: `local` what asks nobody, `network` back ends and clocks too, `all` also the self-tests of sandboxes, which take memory.',
      ),
  })
  .superRefine((options, context) => {
    for (const { path, message } of settledNames(options).faults) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });

/** The section `monitoring`, complete. */
export type MonitoringOptions = z.output<typeof monitoringOptions>;
