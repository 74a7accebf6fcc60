import { z } from 'zod';
import { healthCheckInterval, healthOptions } from './health/health.options.js';
import { exportFormat, exportPort, metricsConfig, metricsOptions } from './metrics/metrics.options.js';
import { settledNames } from './settled-names.js';

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
    logging: z
      .strictObject({
        level: z
          .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
          .default('info')
          .describe('The least severe log lines that are written.'),
        format: z.enum(['json', 'pretty']).default('json').describe('`json` for machines, `pretty` for people.'),
      })
      .prefault({})
      .describe('Log lines, on stderr.'),
  })
  .superRefine((options, context) => {
    for (const { path, message } of settledNames(options).faults) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });

/** The section `monitoring`, complete. */
export type MonitoringOptions = z.output<typeof monitoringOptions>;
