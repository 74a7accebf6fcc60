import { transform } from './fourier.js';

/** How alike data is to itself, shifted. */
export interface Echo {
  /** The shift, in points. */
  readonly lag: number;
  /** Normalised: 1 at lag 0. */
  readonly correlation: number;
}

/**
 * The autocorrelation at lags 0 to `count` − 1, as NumPy's `correlate(data, data)` divided by its value at lag 0:
 * the mean is not taken off. `null` at every lag when all data is 0.
 */
export function autocorrelation(data: readonly number[], count: number): readonly (number | null)[] {
  const energy = productAt(data, 0);
  return Array.from({ length: Math.min(count, data.length) }, (_, lag) =>
    energy === 0 ? null : productAt(data, lag) / energy,
  );
}

/** Up to here every lag is summed directly, which agrees with NumPy to the last digits; past it that takes too long. */
const MAX_DIRECT = 2_048;
/** What the transform's rounding, relative to lag 0, may at most have confused. */
const UNSURE = 1e-9;
/** Lags so close to the strongest are summed directly, at most this many, to find which one it really is. */
const MAX_CONTESTANTS = 64;

/** The lag other than 0 with the highest autocorrelation, the first of several; `null` for one point or zeros. */
export function strongestEcho(data: readonly number[]): Echo | null {
  const energy = productAt(data, 0);
  if (energy === 0 || data.length < 2) return null;
  const lags = data.length <= MAX_DIRECT ? range(1, data.length) : contestants(data, energy);
  let strongest: Echo = { lag: 0, correlation: -Infinity };
  for (const lag of lags) {
    const correlation = productAt(data, lag) / energy;
    if (correlation > strongest.correlation) strongest = { lag, correlation };
  }
  return strongest;
}

function contestants(data: readonly number[], energy: number): readonly number[] {
  const products = productsAtAllLags(data);
  let highest = -Infinity;
  for (let lag = 1; lag < products.length; lag++) highest = Math.max(highest, products[lag]!);
  const lags: number[] = [];
  for (let lag = 1; lag < products.length && lags.length < MAX_CONTESTANTS; lag++) {
    if (products[lag]! >= highest - UNSURE * energy) lags.push(lag);
  }
  return lags;
}

/** The sum of products of points `lag` apart. */
function productAt(data: readonly number[], lag: number): number {
  let sum = 0;
  for (let index = lag; index < data.length; index++) sum += data[index]! * data[index - lag]!;
  return sum;
}

/** The same for every lag by the Wiener–Khinchin theorem: n log n, exact to about 1e-14 of the value at lag 0. */
export function productsAtAllLags(data: readonly number[]): Float64Array {
  const length = 2 ** Math.ceil(Math.log2(2 * data.length));
  const re = new Float64Array(length);
  re.set(data);
  const im = new Float64Array(length);
  transform({ re, im });
  for (let index = 0; index < length; index++) {
    re[index] = re[index]! ** 2 + im[index]! ** 2;
    im[index] = 0;
  }
  // A power spectrum is real and even, so the transform back is the transform again.
  transform({ re, im });
  return re.subarray(0, data.length).map((value) => value / length);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
