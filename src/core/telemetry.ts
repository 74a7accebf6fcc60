/** Label names and values of a series; values are bounded in number by whoever records. */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is, said once where it is defined. */
export interface MetricDefinition {
  /** With prefix and unit: `rookery_tool_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly buckets?: readonly number[];
  /**
   * Called whenever the series are about to be read, to set what is cheaper to look at than to count: a size, a delay.
   * It must be quick and must not throw. Of several who define a metric each one's is called.
   */
  readonly collect?: () => void;
}

/** Only grows. Bind the labels once and keep the result: that is what a call pays for. */
export interface Counter {
  bind(labels: Labels): { add(value: number): void };
}

/** Goes up and down. */
export interface Gauge {
  bind(labels: Labels): { add(value: number): void; set(value: number): void };
}

/** Counts observations by size. */
export interface Histogram {
  bind(labels: Labels): { observe(value: number): void };
}

/** One series as it stands now. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** A histogram's sum. */
  readonly value: number;
  /** Of a histogram. */
  readonly count?: number;
  /** Of a histogram: upper bound → observations at or below it. */
  readonly buckets?: ReadonlyMap<number, number>;
}

/** One metric with its series. */
export interface MetricFamily {
  readonly definition: MetricDefinition;
  readonly type: Sample['type'];
  /** Its series as they stand when they are read; none yet is possible. */
  samples(): Iterable<Sample>;
}

/** Where counters, gauges and histograms go. Defining a name twice returns the same metric. */
export abstract class Telemetry {
  abstract counter(definition: MetricDefinition): Counter;
  abstract gauge(definition: MetricDefinition): Gauge;
  abstract histogram(definition: MetricDefinition): Histogram;
  /** Every series, as it stands. */
  abstract samples(): readonly Sample[];
  /** Every metric that was defined, with help and labels: for who shows or exports them. */
  abstract families(): readonly MetricFamily[];
}
