import { statfs } from 'node:fs/promises';
import { HealthDegradedError, type HealthDetails, type HealthProbe } from '../../core/index.js';

/** What is looked at, and under what it counts as degraded. */
export interface DiskLimits {
  readonly paths: readonly string[];
  readonly minFreeBytes: number;
}

/** The check `disk`: how much room there is where the server writes. */
export class DiskProbe implements HealthProbe {
  readonly name = 'disk';

  constructor(private readonly limits: DiskLimits) {}

  /** @throws HealthDegradedError naming the paths with too little room; Node's error for one that is not there */
  async check(): Promise<HealthDetails> {
    const { paths, minFreeBytes } = this.limits;
    const disks = await Promise.all(
      paths.map(async (path) => {
        const { bavail, bsize, blocks } = await statfs(path);
        return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
      }),
    );
    const details = { disks, minFreeBytes };
    const full = disks.filter(({ freeBytes }) => freeBytes < minFreeBytes).map(({ path }) => path);
    if (full.length === 0) return details;
    throw new HealthDegradedError(`Less than ${minFreeBytes} bytes are free at ${full.join(', ')}.`, details);
  }
}
