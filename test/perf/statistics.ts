/** The value that `percent` of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return at(sorted, Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1));
}

/** The value in the middle; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted();
  const half = (sorted.length - 1) / 2;
  return (at(sorted, Math.floor(half)) + at(sorted, Math.ceil(half))) / 2;
}

/**
 * How often `reference` fits into `values`, round by round, and of that the median.
 * Two figures of one round were taken under the same conditions, so what slows the machine for a while cancels out.
 */
export function pairedRatio(values: readonly number[], reference: readonly number[]): number {
  return median(values.map((value, round) => value / at(reference, round)));
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError('Too few values for a statistic.');
  return value;
}
