import { inverseBetaHalf, regularizedBetaHalf } from './incomplete-beta.js';

/** P(|T| > t): the two-sided p-value of a t statistic with `df` > 0 degrees of freedom. */
export function studentTTwoSided(t: number, df: number): number {
  const square = t * t;
  return regularizedBetaHalf(df / (df + square), square / (df + square), df / 2);
}

/** P(T ≤ t) of Student's t distribution with `df` > 0 degrees of freedom. */
export function studentTCdf(t: number, df: number): number {
  const tail = studentTTwoSided(t, df) / 2;
  return t < 0 ? tail : 1 - tail;
}

const MAX_STEPS = 500;

/**
 * The t with P(T ≤ t) = `probability`, for 0 < probability < 1.
 *
 * Newton's method on the upper tail, from 0: the tail is convex there, so every step stays on the near side of the
 * answer and the steps end where rounding turns them round.
 */
export function studentTQuantile(probability: number, df: number): number {
  if (probability === 0.5) return 0;
  if (probability > 0.5) return -studentTQuantile(1 - probability, df);
  const peak = inverseBetaHalf(df / 2) / Math.sqrt(df);
  let t = 0;
  for (let step = 0; step < MAX_STEPS; step++) {
    const density = peak * Math.exp((-(df + 1) / 2) * Math.log1p((t * t) / df));
    const next = t + (studentTTwoSided(t, df) / 2 - probability) / density;
    if (!(next > t)) break;
    t = next;
  }
  return -t;
}
