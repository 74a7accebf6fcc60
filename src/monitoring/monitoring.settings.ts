import type { AlertsOptions } from './alerts/alerts.options.js';
import type { MonitoringOptions } from './monitoring.options.js';
import { settledNames } from './settled-names.js';
import { DEFAULT_ENDPOINT, tracesUrl } from './tracing/otlp-endpoint.js';
import type { TracingSettings } from './tracing/tracing.settings.js';

/** How often gauges are read and checks are made where nothing else is said, in seconds: as in the guide. */
const DEFAULT_SECONDS = 30;

/** The share of traces that is recorded where nothing else is said: as in the guide. */
const DEFAULT_SAMPLE_RATE = 0.1;

/** How metrics are shown. */
export interface MetricsSettings {
  readonly enabled: boolean;
  /** Without it they are on the main port. */
  readonly exportPort: number | undefined;
  readonly exportHost: string;
  /** Seconds. @default 30 */
  readonly collectionInterval: number;
}

/** How health is looked at. */
export interface HealthSettings extends Pick<
  MonitoringOptions['health'],
  'timeoutMs' | 'checks' | 'eventLoop' | 'memory' | 'disk'
> {
  readonly enabled: boolean;
  /** Seconds. @default 30 */
  readonly healthCheckInterval: number;
}

/** What the process is for; also its injection token. */
export abstract class MonitoringSituation {
  /** Whether `metrics.exportPort` is listened on. */
  abstract readonly serves: boolean;
}

/** The section `monitoring` with one name for everything; also its injection token. */
export class MonitoringSettings {
  readonly metrics: MetricsSettings;
  readonly health: HealthSettings;
  readonly alerts: AlertsOptions;
  readonly tracing: TracingSettings;

  constructor(options: MonitoringOptions) {
    const names = settledNames(options);
    this.metrics = {
      enabled: names.metricsEnabled ?? true,
      exportPort: names.exportPort,
      exportHost: options.metrics.exportHost,
      collectionInterval: names.collectionInterval ?? DEFAULT_SECONDS,
    };
    this.alerts = options.alerts;
    this.health = {
      ...options.health,
      enabled: names.healthEnabled ?? true,
      healthCheckInterval: names.healthCheckInterval ?? DEFAULT_SECONDS,
    };
    this.tracing = {
      ...options.tracing,
      enabled: names.tracingEnabled ?? names.traceEndpoint !== undefined,
      url: tracesUrl(names.traceEndpoint ?? DEFAULT_ENDPOINT),
      sampleRate: names.sampleRate ?? DEFAULT_SAMPLE_RATE,
    };
  }
}
