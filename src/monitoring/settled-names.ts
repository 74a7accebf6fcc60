import type { z } from 'zod';
import type { healthOptions } from './health/health.options.js';
import type { metricsConfig, metricsOptions } from './metrics/metrics.options.js';
import type { TracingOptions } from './tracing/tracing.options.js';

/** What of the section `monitoring` has more than one name. */
export interface TwiceNamed {
  readonly metrics: z.output<typeof metricsOptions>;
  readonly metricsConfig?: z.output<typeof metricsConfig> | undefined;
  readonly enableMetrics?: boolean | undefined;
  readonly metricsExportFormat?: 'prometheus' | undefined;
  readonly metricsExportPort?: number | undefined;
  readonly health: z.output<typeof healthOptions>;
  readonly enableHealthChecks?: boolean | undefined;
  readonly healthCheckInterval?: number | undefined;
  readonly tracing: TracingOptions;
  readonly enableDistributedTracing?: boolean | undefined;
  readonly enableTracing?: boolean | undefined;
  readonly tracingSampleRate?: number | undefined;
}

/** What is said by whichever name, and where two names disagree. */
export interface SettledNames {
  readonly metricsEnabled: boolean | undefined;
  readonly exportPort: number | undefined;
  readonly collectionInterval: number | undefined;
  readonly healthEnabled: boolean | undefined;
  readonly healthCheckInterval: number | undefined;
  readonly tracingEnabled: boolean | undefined;
  readonly traceEndpoint: string | undefined;
  readonly sampleRate: number | undefined;
  readonly faults: readonly { readonly path: readonly string[]; readonly message: string }[];
}

/** The two vocabularies of the guide as one: what either says, and a fault for each pair that disagrees. */
export function settledNames({ metrics, metricsConfig, health, tracing, ...flat }: TwiceNamed): SettledNames {
  const faults: { readonly path: readonly string[]; readonly message: string }[] = [];
  const settle = <T>(...named: readonly (readonly [name: string, value: T | undefined])[]): T | undefined => {
    const [first, ...others] = named.filter(([, value]) => value !== undefined);
    for (const [name, value] of others) {
      if (value === first?.[1]) continue;
      const message = `says ${String(value)}, and ${first?.[0]}, which means the same, ${String(first?.[1])}; keep one of them`;
      faults.push({ path: name.split('.'), message });
    }
    return first?.[1];
  };
  return {
    metricsEnabled: settle(['metrics.enabled', metrics.enabled], ['enableMetrics', flat.enableMetrics]),
    exportPort: settle(
      ['metrics.exportPort', metrics.exportPort],
      ['metricsConfig.exportPort', metricsConfig?.exportPort],
      ['metricsExportPort', flat.metricsExportPort],
    ),
    collectionInterval: settle(
      ['metrics.collectionInterval', metrics.collectionInterval],
      ['metricsConfig.collectionInterval', metricsConfig?.collectionInterval],
    ),
    healthEnabled: settle(['health.enabled', health.enabled], ['enableHealthChecks', flat.enableHealthChecks]),
    healthCheckInterval: settle(
      ['health.healthCheckInterval', health.healthCheckInterval],
      ['healthCheckInterval', flat.healthCheckInterval],
    ),
    tracingEnabled: settle(
      ['tracing.enabled', tracing.enabled],
      ['enableDistributedTracing', flat.enableDistributedTracing],
      ['enableTracing', flat.enableTracing],
    ),
    traceEndpoint: settle(['tracing.endpoint', tracing.endpoint], ['tracing.exportEndpoint', tracing.exportEndpoint]),
    sampleRate: settle(
      ['tracing.sampleRate', tracing.sampleRate],
      ['tracing.traceSamplingRate', tracing.traceSamplingRate],
      ['tracingSampleRate', flat.tracingSampleRate],
    ),
    faults,
  };
}
