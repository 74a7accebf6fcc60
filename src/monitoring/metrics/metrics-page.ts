import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Telemetry } from '../../core/index.js';
import { Exposition } from './exposition.js';
import { PackageMetrics } from './package-metrics.js';
import { ServerGauges } from './server-gauges.js';

/** As long as this the page is written without letting calls go on, in milliseconds. */
const SLICE_MS = 2;
/** Series between two looks at the clock. */
const PIECES = 16;

/** The page that Prometheus reads: the server's own metrics, those of the process and those of a team. */
@Injectable()
export class MetricsPage {
  readonly #exposition = new Exposition();
  #writing: Promise<Buffer> | undefined;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly packageMetrics: PackageMetrics,
    private readonly gauges: ServerGauges,
  ) {}

  /** {@link bytes} as text. */
  async text(): Promise<string> {
    return (await this.bytes()).toString();
  }

  /**
   * Everything as it stands, in UTF-8, ready to be sent; those who ask at once get one page. Calls go on while it is
   * written, so a call that ends meanwhile may be in one of its metrics and not yet in another.
   */
  bytes(): Promise<Buffer> {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #write(): Promise<Buffer> {
    this.gauges.sample();
    const taken = new Set(this.telemetry.families().map(({ definition }) => definition.name));
    const others = await this.packageMetrics.texts(taken);
    // Encoded slice by slice: a whole page at once would hold calls up at the very end.
    const slices: Buffer[] = [];
    let slice = '';
    let pieces = 0;
    let sliceEnds = performance.now() + SLICE_MS;
    // Asked for again, as the others may have failed and been counted.
    for (const family of this.telemetry.families()) {
      for (const piece of this.#exposition.pieces(family)) {
        slice += piece;
        if (++pieces % PIECES !== 0 || performance.now() < sliceEnds) continue;
        slices.push(Buffer.from(slice));
        slice = '';
        await turn();
        sliceEnds = performance.now() + SLICE_MS;
      }
    }
    return Buffer.concat([...slices, Buffer.from(slice + others.join(''))]);
  }
}
