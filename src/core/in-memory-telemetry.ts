import {
  Telemetry,
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  type MetricDefinition,
  type MetricFamily,
  type Sample,
} from './telemetry.js';

/** Seconds: from half a millisecond to a minute. */
const DEFAULT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Series of one metric: enough for every tool of a large server, and not for a label that callers can choose. */
const MAX_SERIES = 10_000;

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What stands in every label of the series that takes what is beyond the limit. */
const OTHER = '_other';

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
  readonly #collects: (() => void)[] = [];
  readonly #labels: readonly string[];
  #other: S | undefined;

  constructor(
    readonly definition: MetricDefinition,
    private readonly make: (labels: Labels) => S,
    private readonly maxSeries: number,
    private readonly dropped: () => void,
  ) {
    this.#labels = definition.labels ?? [];
  }

  bind(labels: Labels): S {
    const key = this.#labels.map((name) => labels[name] ?? '').join('\u0000');
    let series = this.#series.get(key);
    if (series !== undefined) return series;
    if (this.#series.size >= this.maxSeries) {
      this.dropped();
      return (this.#other ??= this.#of(() => OTHER));
    }
    this.#series.set(key, (series = this.#of((name) => labels[name] ?? '')));
    return series;
  }

  collectedBy(collect: (() => void) | undefined): this {
    if (collect !== undefined) this.#collects.push(collect);
    return this;
  }

  *series(): Iterable<S> {
    for (const collect of this.#collects) collect();
    yield* this.#series.values();
    if (this.#other !== undefined) yield this.#other;
  }

  #of(value: (label: string) => string): S {
    return this.make(Object.fromEntries(this.#labels.map((name) => [name, value(name)])));
  }
}

/**
 * Keeps metrics in this process: what a call pays for is an addition.
 *
 * A metric has at most `maxSeries` series. What would be one more is counted in a series whose labels are `_other`, and
 * each such binding in `rookery_telemetry_series_dropped_total`, so that memory has a bound and nobody is misled.
 *
 * Defining a metric throws when its name or a label is none that Prometheus takes, or when it is of another type.
 */
export class InMemoryTelemetry extends Telemetry {
  readonly #counters = new Map<string, Metric<ScalarSeries>>();
  readonly #gauges = new Map<string, Metric<ScalarSeries>>();
  readonly #histograms = new Map<string, Metric<HistogramSeries>>();
  readonly #maxSeries: number;
  readonly #dropped: Counter;

  /** @param options.maxSeries - of each metric. @default 10000 */
  constructor({ maxSeries = MAX_SERIES }: { readonly maxSeries?: number } = {}) {
    super();
    this.#maxSeries = maxSeries;
    this.#dropped = this.counter({
      name: 'rookery_telemetry_series_dropped_total',
      help: 'Bindings of labels that got no series of their own, as their metric has too many.',
      labels: ['metric'],
    });
  }

  override counter(definition: MetricDefinition): Counter {
    return this.#define(this.#counters, definition, (labels) => new ScalarSeries(labels));
  }

  override gauge(definition: MetricDefinition): Gauge {
    return this.#define(this.#gauges, definition, (labels) => new ScalarSeries(labels));
  }

  override histogram(definition: MetricDefinition): Histogram {
    const bounds = definition.buckets ?? DEFAULT_BUCKETS;
    return this.#define(this.#histograms, definition, (labels) => new HistogramSeries(labels, bounds));
  }

  override samples(): readonly Sample[] {
    return this.families().flatMap((family) => [...family.samples()]);
  }

  override families(): readonly MetricFamily[] {
    const families: MetricFamily[] = [];
    for (const [type, metrics] of [
      ['counter', this.#counters],
      ['gauge', this.#gauges],
    ] as const) {
      for (const metric of metrics.values()) {
        families.push({ definition: metric.definition, type, samples: () => scalars(metric, type) });
      }
    }
    for (const metric of this.#histograms.values()) {
      families.push({ definition: metric.definition, type: 'histogram', samples: () => histograms(metric) });
    }
    return families;
  }

  #define<S extends { readonly labels: Labels }>(
    metrics: Map<string, Metric<S>>,
    definition: MetricDefinition,
    make: (labels: Labels) => S,
  ): Metric<S> {
    const { name } = definition;
    const known = metrics.get(name);
    if (known !== undefined) return known.collectedBy(definition.collect);
    this.#refuseUnusable(definition);
    const metric = new Metric(definition, make, this.#maxSeries, () => this.#dropped.bind({ metric: name }).add(1));
    metrics.set(name, metric);
    return metric.collectedBy(definition.collect);
  }

  /** One wrong name would make the whole page of metrics unreadable. */
  #refuseUnusable({ name, labels = [] }: MetricDefinition): void {
    if (!METRIC_NAME.test(name)) {
      throw new Error(
        `"${name}" cannot be the name of a metric: use letters, digits and _, as in orders_shipped_total.`,
      );
    }
    const wrong = labels.find((label) => !LABEL_NAME.test(label));
    if (wrong !== undefined) {
      throw new Error(`"${wrong}" cannot be a label of the metric ${name}: use letters, digits and _.`);
    }
    if ([this.#counters, this.#gauges, this.#histograms].some((metrics) => metrics.has(name))) {
      throw new Error(`The metric ${name} is defined as two different types: give one of them another name.`);
    }
  }
}

function* scalars(metric: Metric<ScalarSeries>, type: 'counter' | 'gauge'): Iterable<Sample> {
  const { name } = metric.definition;
  for (const { labels, value } of metric.series()) yield { name, labels, type, value };
}

function* histograms(metric: Metric<HistogramSeries>): Iterable<Sample> {
  const { name } = metric.definition;
  for (const series of metric.series()) {
    const { labels, sum, count } = series;
    yield { name, labels, type: 'histogram', value: sum, count, buckets: series.buckets() };
  }
}
