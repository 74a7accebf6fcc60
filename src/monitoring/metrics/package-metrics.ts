import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, register, type Registry } from 'prom-client';
import { Telemetry, redactError, type Counter, type Sample } from '../../core/index.js';
import { familyOf, samplesOf, type Family, type PackageMetric } from './package-samples.js';

/** As long as this a metric of a team gets to collect its values, in milliseconds. */
const PATIENCE_MS = 1_000;
/** As many series of a metric are read, as a metric of the server may have; which ones is decided by when they came. */
const MOST_SERIES = 10_000;

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
  readonly #overflowing = new Set<string>();
  /** Of the metrics that were read: every series that there was. */
  readonly #series = new Map<string, Set<string>>();
  readonly #registry: Registry = register;

  constructor(telemetry: Telemetry) {
    this.#failures = telemetry.counter({
      name: 'rookery_metrics_collect_failures_total',
      help: 'Metrics left out of a page of metrics or of alerts, as they failed, took too long, or have the name of another.',
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

  /** What can be read of the registry, but for what has a name that is taken. */
  families(taken: ReadonlySet<string>): readonly Family[] {
    const metrics = this.#registry.getMetricsAsArray() as unknown as readonly PackageMetric[];
    return metrics.flatMap((metric) => (taken.has(metric.name) ? [] : (familyOf(metric) ?? [])));
  }

  /** The series of some metrics as they stand. A metric that fails is left out and counted; never rejects. */
  async samples(families: readonly Family[]): Promise<readonly Sample[]> {
    const read = families.map(async (family) => {
      const { name } = family.definition;
      try {
        const found = await inTime(Promise.resolve(this.#registry.getSingleMetric(name)?.get()));
        this.#failing.delete(name);
        return this.#bounded(name, samplesOf(family, found?.values ?? []));
      } catch (error) {
        this.#failed(name, error);
        return [];
      }
    });
    return (await Promise.all(read)).flat();
  }

  /** Series that come and go must not add up without end where each is remembered. */
  #bounded(name: string, samples: readonly Sample[]): readonly Sample[] {
    let known = this.#series.get(name);
    if (known === undefined) this.#series.set(name, (known = new Set()));
    const kept = samples.filter(({ labels }) => {
      const key = JSON.stringify(labels);
      if (known.size < MOST_SERIES) known.add(key);
      return known.has(key);
    });
    if (kept.length < samples.length) this.#overflows(name);
    return kept;
  }

  #overflows(metric: string): void {
    this.#failures.bind({ metric }).add(1);
    if (this.#overflowing.has(metric)) return;
    this.#overflowing.add(metric);
    const msg = `a metric has more than ${MOST_SERIES} series: alerts are not about the rest`;
    this.#logger.warn({ msg, metric });
  }

  #failed(metric: string, error: unknown): void {
    this.#failures.bind({ metric }).add(1);
    if (this.#failing.has(metric)) return;
    this.#failing.add(metric);
    this.#logger.warn({ msg: 'a metric is left out', metric, err: redactError(error) });
  }
}

function inTime<T>(values: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`Its values were not collected within ${PATIENCE_MS} ms.`));
    const timer = setTimeout(late, PATIENCE_MS).unref();
    values.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
