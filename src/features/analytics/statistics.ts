import { max, mean, min } from 'simple-statistics';
import { studentTQuantile } from './student-t.js';

/**
 * Descriptive statistics of finite numbers, at least one. Where SciPy answers NaN these answer `null`.
 *
 * Constant data is recognised before anything is subtracted: 0.1, 0.1, 0.1 has a deviation of 0, not of 1e-17.
 */
export { max, mean, min };

/** The middle value, or the mean of the two in the middle. */
export function median(data: readonly number[]): number {
  const sorted = Float64Array.from(data).toSorted();
  const upper = sorted[sorted.length >> 1] as number;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[(sorted.length >> 1) - 1] as number;
  const sum = lower + upper;
  return Number.isFinite(sum) ? sum / 2 : lower / 2 + upper / 2;
}

/** The standard deviation of a population: NumPy's `std`, with `ddof` 0. */
export function standardDeviation(data: readonly number[]): number {
  return Math.sqrt(centralMoment(data, 2));
}

/** The standard error of the mean, from the deviation of a sample (`ddof` 1); `null` for one value. */
export function standardError(data: readonly number[]): number | null {
  const count = data.length;
  return count < 2 ? null : Math.sqrt(centralMoment(data, 2) / (count - 1));
}

/** Lower and upper end of an interval. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Student's interval for the mean at a confidence level between 0 and 1; `null` for one value or constant data. */
export function meanInterval(data: readonly number[], level: number): Interval | null {
  const error = standardError(data);
  if (error === null || error === 0) return null;
  const center = mean(data);
  const reach = studentTQuantile((1 + level) / 2, data.length - 1) * error;
  return { lower: center - reach, upper: center + reach };
}

/** The biased skewness g1, as SciPy's `skew`; `null` for data that is constant to fifteen digits. */
export function skewness(data: readonly number[]): number | null {
  const variance = spreadOf(data);
  return variance === null ? null : centralMoment(data, 3) / variance ** 1.5;
}

/** The biased excess kurtosis g2, as SciPy's `kurtosis`; `null` for data that is constant to fifteen digits. */
export function kurtosis(data: readonly number[]): number | null {
  const variance = spreadOf(data);
  return variance === null ? null : centralMoment(data, 4) / variance ** 2 - 3;
}

/** Pearson's correlation of pairs; `null` when there are fewer than two or one side is constant. */
export function pearson(xs: readonly number[], ys: readonly number[]): number | null {
  if (xs.length !== ys.length)
    throw new RangeError(`pairs are needed, but there are ${xs.length} xs and ${ys.length} ys`);
  const deviation = standardDeviation(xs) * standardDeviation(ys);
  if (xs.length < 2 || deviation === 0) return null;
  return clampCorrelation(covariance(xs, ys) / deviation);
}

/** The mean product of deviations (`ddof` 0) of two lists of one length. */
export function covariance(xs: readonly number[], ys: readonly number[]): number {
  const [fromX, fromY] = [deviations(xs), deviations(ys)];
  let sum = 0;
  for (let index = 0; index < xs.length; index++) sum += fromX[index]! * fromY[index]!;
  return sum / xs.length;
}

/** Rounding may carry a perfect correlation past 1. */
export function clampCorrelation(r: number): number {
  return Math.min(1, Math.max(-1, r));
}

/** The mean of the deviations from the mean, each to a power. */
export function centralMoment(data: readonly number[], power: number): number {
  return min(data) === max(data) ? 0 : deviations(data).reduce((sum, value) => sum + value ** power, 0) / data.length;
}

/**
 * Taken twice, because a mean far from 0 is itself rounded: what the first round leaves is the mean's error, and
 * without the second the skewness of a few metres around 1e12 has five digits.
 */
function deviations(data: readonly number[]): readonly number[] {
  const center = mean(data);
  const rough = data.map((value) => value - center);
  const error = mean(rough);
  return rough.map((value) => value - error);
}

/** SciPy's bound: below it the deviations are rounding errors of the mean. */
const RESOLUTION = 1e-15;

function spreadOf(data: readonly number[]): number | null {
  const variance = centralMoment(data, 2);
  return variance <= (RESOLUTION * mean(data)) ** 2 ? null : variance;
}
