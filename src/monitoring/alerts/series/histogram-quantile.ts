/** Observations at or below a bound. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/**
 * The size below which a share of the observations is, as Prometheus' `histogram_quantile()` estimates it: as if they
 * were spread evenly within a bucket; in the last bucket, its lower bound. `undefined` without observations.
 *
 * @param buckets - cumulative, ascending, the last with the bound `Infinity`
 */
export function histogramQuantile(share: number, buckets: readonly Bucket[]): number | undefined {
  const total = buckets.at(-1)?.count ?? 0;
  if (buckets.length < 2 || total <= 0) return undefined;
  const rank = share * total;
  let index = 0;
  let highest = 0;
  // Rates of buckets may fall by a rounding error where they should not.
  const counts = buckets.map(({ count }) => (highest = Math.max(highest, count)));
  while (index < buckets.length - 1 && (counts[index] as number) < rank) index++;
  if (index === buckets.length - 1) return buckets[index - 1]?.bound;
  const { bound } = buckets[index] as Bucket;
  if (index === 0 && bound <= 0) return bound;
  const lower = index === 0 ? 0 : (buckets[index - 1] as Bucket).bound;
  const below = index === 0 ? 0 : (counts[index - 1] as number);
  return lower + (bound - lower) * ((rank - below) / ((counts[index] as number) - below));
}
