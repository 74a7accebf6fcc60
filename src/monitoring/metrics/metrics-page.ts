import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Telemetry } from '../../core/index.js';
import { exposition } from './exposition.js';
import { PackageMetrics } from './package-metrics.js';
import { ServerGauges } from './server-gauges.js';

/** As long as this the page is written without letting calls go on, in milliseconds. */
const SLICE_MS = 2;

/** The page that Prometheus reads: the server's own metrics, those of the process and those of a team. */
@Injectable()
export class MetricsPage {
  #writing: Promise<string> | undefined;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly packageMetrics: PackageMetrics,
    private readonly gauges: ServerGauges,
  ) {}

  /** Everything as it stands; those who ask at once get one page. Calls go on while it is written. */
  text(): Promise<string> {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #write(): Promise<string> {
    this.gauges.sample();
    const taken = new Set(this.telemetry.families().map(({ definition }) => definition.name));
    const others = await this.packageMetrics.texts(taken);
    const pieces: string[] = [];
    let sliceEnds = performance.now() + SLICE_MS;
    // Asked for again, as the others may have failed and been counted.
    for (const family of this.telemetry.families()) {
      for (const piece of exposition(family)) {
        pieces.push(piece);
        if (performance.now() < sliceEnds) continue;
        await turn();
        sliceEnds = performance.now() + SLICE_MS;
      }
    }
    return [...pieces, ...others].join('');
  }
}
