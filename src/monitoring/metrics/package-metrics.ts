import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, register, type Registry } from 'prom-client';
import { Telemetry, redactError, type Counter } from '../../core/index.js';

/** As long as this a metric of a team gets to collect its values, in milliseconds. */
const PATIENCE_MS = 1_000;

/** Gauges with the ending of a counter, which `promtool` refuses; each is the sum of one that stays. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/**
 * What is in the registry of `prom-client`: the metrics of the process, and what a team defines by the decorators of
 * `@willsoto/nestjs-prometheus`, which know no other registry. There is one in a process, so two servers in one process
 * show the same of these; their own metrics are in their own `Telemetry`.
 */
@Injectable()
export class PackageMetrics {
  readonly #logger = new Logger('Metrics');
  readonly #failures: Counter;
  readonly #failing = new Set<string>();
  readonly #registry: Registry = register;

  constructor(telemetry: Telemetry) {
    this.#failures = telemetry.counter({
      name: 'rookery_metrics_collect_failures_total',
      help: 'Metrics left out of a page of metrics, as they failed, took too long, or have the name of another.',
      labels: ['metric'],
    });
  }

  /** Begins to collect the metrics of the process, unless somebody does. */
  collectProcess(): void {
    if (this.#registry.getSingleMetric('process_cpu_seconds_total') !== undefined) return;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** Every metric of the registry as text, but for those whose names are taken. One that fails is left out and counted. */
  async texts(taken: ReadonlySet<string>): Promise<readonly string[]> {
    const texts = this.#registry.getMetricsAsArray().map(async ({ name }) => {
      try {
        if (taken.has(name)) throw new Error('A metric of the server has this name: give yours another one.');
        const text = await inTime(this.#registry.getSingleMetricAsString(name));
        this.#failing.delete(name);
        return `${text}\n`;
      } catch (error) {
        this.#failed(name, error);
        return '';
      }
    });
    return await Promise.all(texts);
  }

  #failed(metric: string, error: unknown): void {
    this.#failures.bind({ metric }).add(1);
    if (this.#failing.has(metric)) return;
    this.#failing.add(metric);
    this.#logger.warn({ msg: 'a metric is left out of the page of metrics', metric, err: redactError(error) });
  }
}

function inTime(text: Promise<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`Its values were not collected within ${PATIENCE_MS} ms.`));
    const timer = setTimeout(late, PATIENCE_MS).unref();
    text.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
