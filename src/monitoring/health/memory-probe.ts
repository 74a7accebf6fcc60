import { getHeapStatistics } from 'node:v8';
import { HealthDegradedError, type HealthDetails, type HealthProbe } from '../../core/index.js';

/** How much memory the process has, in bytes. */
export interface MemoryReading {
  readonly rss: number;
  readonly heapUsed: number;
  readonly heapLimit: number;
}

/** Over what it counts as degraded. */
export interface MemoryLimits {
  /** Share of the largest possible heap. */
  readonly maxHeapRatio: number;
  readonly maxRssBytes?: number | undefined;
}

/** The check `memory`. */
export class MemoryProbe implements HealthProbe {
  readonly name = 'memory';

  constructor(
    private readonly limits: MemoryLimits,
    private readonly read: () => MemoryReading = memoryNow,
  ) {}

  /** @throws HealthDegradedError when the heap or the process is over its limit */
  check(): HealthDetails {
    const { rss, heapUsed, heapLimit } = this.read();
    const { maxHeapRatio, maxRssBytes } = this.limits;
    const heapRatio = Math.round((heapUsed / heapLimit) * 1000) / 1000;
    const details = { rssBytes: rss, heapUsedBytes: heapUsed, heapLimitBytes: heapLimit, heapRatio };
    if (heapUsed > heapLimit * maxHeapRatio) {
      throw new HealthDegradedError(`${Math.round(heapRatio * 100)} % of the largest possible heap are used.`, details);
    }
    if (maxRssBytes !== undefined && rss > maxRssBytes) {
      throw new HealthDegradedError(`The process has ${rss} bytes, more than ${maxRssBytes}.`, details);
    }
    return details;
  }
}

function memoryNow(): MemoryReading {
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed, heapLimit: getHeapStatistics().heap_size_limit };
}
