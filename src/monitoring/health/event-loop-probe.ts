import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { HealthDegradedError, type HealthDetails, type HealthProbe } from '../../core/index.js';

/** How often the loop is expected to come by. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1_000_000;

/** What is read; `perf_hooks` gives it. */
export type DelayHistogram = Pick<IntervalHistogram, 'enable' | 'disable' | 'reset' | 'percentile' | 'count'>;

/**
 * The check `event_loop`: how late the loop came by since it was last looked at. 99 of 100 readings count, so that one
 * long pause in half a minute is none of its business.
 */
export class EventLoopProbe implements HealthProbe {
  readonly name = 'event_loop';

  constructor(
    private readonly maxDelayMs: number,
    private readonly histogram: DelayHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
  ) {}

  start(): void {
    this.histogram.enable();
  }

  stop(): void {
    this.histogram.disable();
  }

  /** @throws HealthDegradedError when the delay is over the limit */
  check(): HealthDetails {
    const reading = this.histogram.count === 0 ? 0 : this.histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS;
    this.histogram.reset();
    const details = { delayMs: Math.max(0, Math.round(reading)), maxDelayMs: this.maxDelayMs };
    if (details.delayMs <= this.maxDelayMs) return details;
    throw new HealthDegradedError(`The event loop is ${details.delayMs} ms late.`, details);
  }
}
