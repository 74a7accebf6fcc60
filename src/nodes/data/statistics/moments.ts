/** What a column of numbers is like; deviations as pandas and SciPy define them. `null` where they answer NaN. */
export interface Description {
  readonly count: number;
  readonly missing: number;
  readonly mean: number | null;
  readonly median: number | null;
  /** Of a sample (`ddof` 1): pandas' `std`. */
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** g1, biased: SciPy's `skew`. */
  readonly skewness: number | null;
  /** g2, biased, excess: SciPy's `kurtosis`. */
  readonly kurtosis: number | null;
}

/** Sums of powers of the differences from a value near the mean: far from it they would lose their digits. */
export interface ShiftedSums {
  readonly count: number;
  readonly shift: number;
  readonly sums: readonly [number, number, number, number];
}

/** SciPy's bound: below it deviations are rounding errors of the mean. */
const RESOLUTION = 1e-15;

/** Mean, deviation, skewness and kurtosis of shifted sums. */
export function momentsOf({
  count,
  shift,
  sums,
}: ShiftedSums): Pick<Description, 'mean' | 'std' | 'skewness' | 'kurtosis'> {
  if (count === 0) return { mean: null, std: null, skewness: null, kurtosis: null };
  const [m1, s2, s3, s4] = sums.map((sum) => sum / count) as [number, number, number, number];
  const mean = shift + m1;
  const variance = Math.max(0, s2 - m1 * m1);
  const std = count > 1 ? Math.sqrt((variance * count) / (count - 1)) : null;
  if (variance <= (RESOLUTION * mean) ** 2) return { mean, std, skewness: null, kurtosis: null };
  const third = s3 - 3 * m1 * s2 + 2 * m1 ** 3;
  const fourth = s4 - 4 * m1 * s3 + 6 * m1 * m1 * s2 - 3 * m1 ** 4;
  return { mean, std, skewness: third / variance ** 1.5, kurtosis: fourth / (variance * variance) - 3 };
}

/** Describes numbers in memory. The mean is taken first, so that the differences are small. */
export function describe(values: readonly number[], missing: number): Description {
  const count = values.length;
  if (count === 0)
    return {
      count,
      missing,
      median: null,
      min: null,
      max: null,
      ...momentsOf({ count, shift: 0, sums: [0, 0, 0, 0] }),
    };
  const sorted = Float64Array.from(values).toSorted();
  const [min, max] = [sorted[0] as number, sorted[count - 1] as number];
  // The same value again and again has a deviation of 0, not of the rounding of its mean.
  const shift = min === max ? min : meanOf(values);
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (const value of values) {
    const d = value - shift;
    sums[0] += d;
    sums[1] += d * d;
    sums[2] += d * d * d;
    sums[3] += d * d * d * d;
  }
  return { count, missing, median: medianOf(sorted), min, max, ...momentsOf({ count, shift, sums }) };
}

/** Pearson's correlation of pairs; `null` for fewer than two or a constant side, where pandas has NaN. */
export function pearson(pairs: readonly (readonly [number, number])[]): number | null {
  if (pairs.length < 2) return null;
  const meanX = meanOf(pairs.map(([x]) => x));
  const meanY = meanOf(pairs.map(([, y]) => y));
  let [xx, yy, xy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  const scale = Math.max(Math.abs(meanX), Math.abs(meanY));
  if (xx <= pairs.length * (RESOLUTION * meanX) ** 2 || yy <= pairs.length * (RESOLUTION * meanY) ** 2) return null;
  return scale === Infinity ? null : Math.min(1, Math.max(-1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
}

/** Twice, because the first mean of many or large numbers is itself rounded. */
export function meanOf(values: readonly number[]): number {
  const rough = sumOf(values, 0) / values.length;
  return rough + sumOf(values, rough) / values.length;
}

function sumOf(values: readonly number[], shift: number): number {
  let sum = 0;
  for (const value of values) sum += value - shift;
  return sum;
}

function medianOf(sorted: Float64Array): number {
  const upper = sorted[sorted.length >> 1] as number;
  if (sorted.length % 2 === 1) return upper;
  return (sorted[(sorted.length >> 1) - 1] as number) / 2 + upper / 2;
}
