import type { TracingOptions } from './tracing.options.js';

/** The section `monitoring.tracing` with one name for everything. */
export interface TracingSettings extends Omit<
  TracingOptions,
  'enabled' | 'endpoint' | 'exportEndpoint' | 'sampleRate' | 'traceSamplingRate'
> {
  readonly enabled: boolean;
  /** What spans are posted to, with its path. */
  readonly url: string;
  /** 0 to 1. @default 0.1 */
  readonly sampleRate: number;
}
