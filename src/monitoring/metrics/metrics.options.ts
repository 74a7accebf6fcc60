import { z } from 'zod';

/** What metrics are shown as; there is one. */
export const exportFormat = z.enum(['prometheus']);

/** A TCP port; 0 lets the system choose. */
export const exportPort = z.int().min(0).max(65_535);

/** Seconds between two readings of gauges. */
export const collectionInterval = z.number().positive('must be more than 0').max(3_600);

/** The section `monitoring.metrics`. What has two names has no default here; {@link MonitoringSettings} has it. */
export const metricsOptions = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe('Whether metrics are shown. They are counted in any case. Without it, they are.'),
  exportFormat: exportFormat.optional().describe('What they are shown as; `prometheus` is all there is.'),
  exportPort: exportPort
    .optional()
    .describe(
      'A port for `/metrics` alone, where nobody is asked who they are. Without it `/metrics` is on the main port, for callers with the permission `rookery:metrics` or `rookery:operate`.',
    ),
  exportHost: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('The address on which `exportPort` listens: whoever reaches it can read the metrics.'),
  collectionInterval: collectionInterval
    .optional()
    .describe('Seconds between two readings of gauges for alerts; 30 without it. A scrape reads them anew.'),
});

/** The guide's `metrics_config`: other names of some keys of {@link metricsOptions}. */
export const metricsConfig = z.strictObject({
  exportFormat: exportFormat.optional().describe('Another name of `metrics.exportFormat`.'),
  exportPort: exportPort.optional().describe('Another name of `metrics.exportPort`.'),
  collectionInterval: collectionInterval.optional().describe('Another name of `metrics.collectionInterval`.'),
});
