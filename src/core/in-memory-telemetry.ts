import {
  Telemetry,
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  type MetricDefinition,
  type Sample,
} from './telemetry.js';

/** Seconds: from half a millisecond to a minute. */
const DEFAULT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

class ScalarSeries {
  value = 0;

  constructor(readonly labels: Labels) {}

  add(value: number): void {
    this.value += value;
  }

  set(value: number): void {
    this.value = value;
  }
}

class HistogramSeries {
  readonly #counts: number[];
  sum = 0;
  count = 0;

  constructor(
    readonly labels: Labels,
    private readonly bounds: readonly number[],
  ) {
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count++;
    for (let index = 0; index < this.bounds.length; index++) {
      if (value <= (this.bounds[index] as number)) {
        (this.#counts[index] as number)++;
        return;
      }
    }
  }

  /** Cumulative, as Prometheus counts. */
  buckets(): ReadonlyMap<number, number> {
    let running = 0;
    return new Map(this.bounds.map((bound, index) => [bound, (running += this.#counts[index] as number)]));
  }
}

class Metric<S extends { readonly labels: Labels }> {
  readonly #series = new Map<string, S>();

  constructor(
    readonly definition: MetricDefinition,
    private readonly make: (labels: Labels) => S,
  ) {}

  bind(labels: Labels): S {
    const key = (this.definition.labels ?? []).map((name) => labels[name] ?? '').join('\u0000');
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, (series = this.make(labels)));
    return series;
  }

  get series(): Iterable<S> {
    return this.#series.values();
  }
}

/** Keeps metrics in this process: enough for `health_check` and tests, and what runs until monitoring is configured. */
export class InMemoryTelemetry extends Telemetry {
  readonly #counters = new Map<string, Metric<ScalarSeries>>();
  readonly #gauges = new Map<string, Metric<ScalarSeries>>();
  readonly #histograms = new Map<string, Metric<HistogramSeries>>();

  override counter(definition: MetricDefinition): Counter {
    return define(this.#counters, definition, (labels) => new ScalarSeries(labels));
  }

  override gauge(definition: MetricDefinition): Gauge {
    return define(this.#gauges, definition, (labels) => new ScalarSeries(labels));
  }

  override histogram(definition: MetricDefinition): Histogram {
    const bounds = definition.buckets ?? DEFAULT_BUCKETS;
    return define(this.#histograms, definition, (labels) => new HistogramSeries(labels, bounds));
  }

  override samples(): readonly Sample[] {
    const samples: Sample[] = [];
    for (const [type, metrics] of [
      ['counter', this.#counters],
      ['gauge', this.#gauges],
    ] as const) {
      for (const [name, metric] of metrics) {
        for (const { labels, value } of metric.series) samples.push({ name, labels, type, value });
      }
    }
    for (const [name, metric] of this.#histograms) {
      for (const series of metric.series) {
        const { labels, sum, count } = series;
        samples.push({ name, labels, type: 'histogram', value: sum, count, buckets: series.buckets() });
      }
    }
    return samples;
  }
}

function define<S extends { readonly labels: Labels }>(
  metrics: Map<string, Metric<S>>,
  definition: MetricDefinition,
  make: (labels: Labels) => S,
): Metric<S> {
  let metric = metrics.get(definition.name);
  if (metric === undefined) metrics.set(definition.name, (metric = new Metric(definition, make)));
  return metric;
}
