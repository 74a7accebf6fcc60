import type { Level } from 'pino';
import type { Telemetry } from '../telemetry.js';
import type { DropReason } from './log-output.js';

type Series = { add(value: number): void };

/** Counts lines. A logger is there before there is telemetry, so what was counted until then is added when that comes. */
export class LogMeter {
  readonly #waiting = new Map<string, number>();
  #telemetry: Telemetry | undefined;
  #series = new Map<string, Series>();

  written(level: Level): void {
    this.#count(level);
  }

  dropped(reason: DropReason): void {
    this.#count(reason);
  }

  /** From here on the counts are these metrics'. */
  bindTo(telemetry: Telemetry): void {
    this.#telemetry = telemetry;
    this.#series = new Map();
    for (const [name, count] of this.#waiting) this.#seriesOf(telemetry, name).add(count);
    this.#waiting.clear();
  }

  #count(name: Level | DropReason): void {
    if (this.#telemetry !== undefined) this.#seriesOf(this.#telemetry, name).add(1);
    else this.#waiting.set(name, (this.#waiting.get(name) ?? 0) + 1);
  }

  #seriesOf(telemetry: Telemetry, name: string): Series {
    let series = this.#series.get(name);
    if (series === undefined) this.#series.set(name, (series = bound(telemetry, name)));
    return series;
  }
}

function bound(telemetry: Telemetry, name: string): Series {
  if (name === 'slow' || name === 'failed') {
    return telemetry
      .counter({
        name: 'rookery_log_dropped_total',
        help: 'Log lines that were lost: nobody reads them (slow), or they cannot be written (failed).',
        labels: ['reason'],
      })
      .bind({ reason: name });
  }
  return telemetry
    .counter({ name: 'rookery_log_lines_total', help: 'Log lines that were written, by level.', labels: ['level'] })
    .bind({ level: name });
}
