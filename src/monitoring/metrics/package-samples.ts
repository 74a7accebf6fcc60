import type { Labels, MetricFamily, Sample } from '../../core/index.js';

/** A metric of `prom-client`, as far as its definition goes. */
export interface PackageMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

/** One value of it: of a histogram, a bucket, the sum or the count of a series. */
export interface PackageValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** Of a histogram. */
  readonly metricName?: string;
}

interface Growing {
  sum: number;
  count: number;
  readonly labels: Labels;
  readonly buckets: Map<number, number>;
}

/** What a metric of `prom-client` is in the words of `Telemetry`; `undefined` of a summary, which has no such word. */
export function familyOf({ name, help, type, labelNames = [] }: PackageMetric): Family | undefined {
  if (type !== 'counter' && type !== 'gauge' && type !== 'histogram') return undefined;
  return { type, definition: { name, help, labels: labelNames } };
}

/** Type and definition. */
export type Family = Pick<MetricFamily, 'type' | 'definition'>;

/** The series of a metric as they stand. */
export function samplesOf(family: Family, values: readonly PackageValue[]): readonly Sample[] {
  const { type, definition } = family;
  const { name, labels: names = [] } = definition;
  if (type === 'histogram') return histograms(name, names, values);
  return values.map(({ labels, value }) => ({ name, type, labels: own(labels, names), value }));
}

/** In the order of the definition, all of them: series are told apart by their values. */
function own(labels: PackageValue['labels'], names: readonly string[]): Labels {
  return Object.fromEntries(names.map((name) => [name, String(labels[name] ?? '')]));
}

function histograms(name: string, names: readonly string[], values: readonly PackageValue[]): readonly Sample[] {
  const series = new Map<string, Growing>();
  for (const { metricName, labels: given, value } of values) {
    const labels = own(given, names);
    const key = JSON.stringify(labels);
    let one = series.get(key);
    if (one === undefined) series.set(key, (one = { labels, sum: 0, count: 0, buckets: new Map<number, number>() }));
    const bound = Number(given['le']);
    if (metricName === `${name}_sum`) one.sum = value;
    else if (metricName === `${name}_count`) one.count = value;
    else if (Number.isFinite(bound)) one.buckets.set(bound, value);
  }
  return Array.from(series.values(), ({ labels, sum, count, buckets }): Sample => {
    return { name, type: 'histogram', labels, value: sum, count, buckets };
  });
}
