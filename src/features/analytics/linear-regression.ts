import { centralMoment, clampCorrelation, covariance, mean } from './statistics.js';
import { studentTTwoSided } from './student-t.js';

/** A straight line through points, and how well it fits. Where SciPy's `linregress` answers NaN these are `null`. */
export interface LinearRegression {
  readonly slope: number | null;
  readonly intercept: number | null;
  /** Pearson's r; 0 where one side is constant. */
  readonly correlation: number;
  /** Two-sided, of the hypothesis that the slope is 0. */
  readonly pValue: number | null;
  /** Of the slope. */
  readonly standardError: number | null;
}

/** Keeps a perfect correlation from dividing by 0, with the constant of SciPy, so that p-values agree there too. */
const TINY = 1e-20;

/**
 * The least-squares line through pairs, by the formulas of SciPy's `linregress`.
 *
 * One point, or several with one x, define no line: everything but the correlation is `null`.
 */
export function linearRegression(xs: readonly number[], ys: readonly number[]): LinearRegression {
  const count = xs.length;
  const [varianceX, varianceY] = [centralMoment(xs, 2), centralMoment(ys, 2)];
  if (varianceX === 0) return { slope: null, intercept: null, correlation: 0, pValue: null, standardError: null };
  const shared = varianceY === 0 ? 0 : covariance(xs, ys);
  const correlation = varianceY === 0 ? 0 : clampCorrelation(shared / Math.sqrt(varianceX * varianceY));
  const slope = shared / varianceX;
  const line = { slope, intercept: mean(ys) - slope * mean(xs), correlation };
  if (count === 2) return { ...line, pValue: ys[0] === ys[1] ? 1 : 0, standardError: 0 };
  const df = count - 2;
  const t = correlation * Math.sqrt(df / ((1 - correlation + TINY) * (1 + correlation + TINY)));
  const standardError = Math.sqrt(((1 - correlation ** 2) * varianceY) / varianceX / df);
  return { ...line, pValue: studentTTwoSided(t, df), standardError };
}
