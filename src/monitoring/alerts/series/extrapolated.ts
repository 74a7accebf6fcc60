/** A series in a window, oldest first: two lists of the same length, as this is read for every series. */
export interface Points {
  /** Milliseconds. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/**
 * How much a counter has grown in a window, in all or per second, as Prometheus' `increase()` and `rate()` say it: a fall is a new beginning at 0, and what
 * lies between the ends of the window and the samples next to them is estimated (Prometheus, promql/functions.go,
 * `extrapolatedRate`). `undefined` with less than two samples.
 *
 * @param points - those within the window
 */
export function extrapolated(kind: 'increase' | 'rate', points: Points, from: number, to: number): number | undefined {
  const { times, values } = points;
  const many = values.length;
  if (many < 2) return undefined;
  const [first, last] = [values[0] as number, values[many - 1] as number];
  const [firstAt, lastAt] = [times[0] as number, times[many - 1] as number];
  let growth = last - first;
  let before = first;
  for (const value of values) {
    if (value < before) growth += before;
    before = value;
  }
  const sampled = lastAt - firstAt;
  const between = sampled / (many - 1);
  let beforeFirst = firstAt - from;
  // A counter is not estimated to have been below 0.
  if (growth > 0 && first >= 0) beforeFirst = Math.min(beforeFirst, sampled * (first / growth));
  const afterLast = to - lastAt;
  const reach = (gap: number): number => (gap < between * 1.1 ? gap : between / 2);
  const factor = (sampled + reach(beforeFirst) + reach(afterLast)) / sampled;
  // In this order: whether a share of a histogram falls on the edge of a bucket may hang on the last bit.
  return growth * (kind === 'rate' ? factor / ((to - from) / 1_000) : factor);
}
