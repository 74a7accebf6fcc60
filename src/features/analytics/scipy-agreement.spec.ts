import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze } from './analysis.js';
import type { CorrelationAnalysis, StatisticalAnalysis, TrendAnalysis } from './analysis.schema.js';
import { kurtosis, pearson, skewness, standardError } from './statistics.js';
import { studentTCdf, studentTQuantile } from './student-t.js';

interface Reference {
  readonly analyses: readonly {
    readonly name: string;
    readonly data: readonly number[];
    readonly statistical: readonly StatisticalAnalysis[];
    readonly trend: readonly (TrendAnalysis & { readonly level: number })[];
    readonly correlation: CorrelationAnalysis;
    readonly sem: number | null;
    readonly skewness: number | null;
    readonly kurtosis: number | null;
  }[];
  readonly pearson: readonly {
    readonly x: readonly [string, number];
    readonly y: readonly [string, number];
    readonly r: number | null;
  }[];
  readonly t_cdf: readonly { readonly t: number; readonly df: number; readonly p: number }[];
  readonly t_quantile: readonly { readonly p: number; readonly df: number; readonly t: number }[];
}

/** Made by scripts/scipy-reference.py with the guide's own code. */
const reference = JSON.parse(readFileSync(new URL('scipy-reference.json', import.meta.url), 'utf8')) as Reference;

/** What the behaviour asks for. */
const RELATIVE = 1e-9;
/** Results that are rounding errors around 0 in both, compared with the data: what is left of 14 digits. */
const roundingOf = (data: readonly number[]): number => 1e-14 * Math.min(1, Math.max(...data.map(Math.abs)));

/** Where two JSON values differ: numbers in their first nine digits, everything else at all. */
function differences(actual: unknown, expected: unknown, rounding = 0, path = 'result'): readonly string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const close = Math.abs(actual - expected) <= RELATIVE * Math.abs(expected) + rounding;
    return close ? [] : [`${path}: ${actual} for ${expected}`];
  }
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return actual === expected ? [] : [`${path}: ${String(actual)} for ${String(expected)}`];
  }
  const [found, wanted] = [
    new Map<string, unknown>(Object.entries(actual)),
    new Map<string, unknown>(Object.entries(expected)),
  ];
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((key) =>
    differences(found.get(key), wanted.get(key), rounding, `${path}.${key}`),
  );
}

describe.each(reference.analyses)('on $name data', ({ data, statistical, trend, correlation, ...moments }) => {
  const rounding = roundingOf(data);

  it('[G3] the statistical analysis agrees with SciPy at every confidence level', () => {
    for (const expected of statistical) {
      const level = expected.confidence_interval.level;
      expect(
        differences(analyze({ data, analysis_type: 'statistical', confidence_level: level }), expected, rounding),
      ).toEqual([]);
    }
  });

  it('[G3] the trend analysis agrees with SciPy at every confidence level', () => {
    for (const { level, ...expected } of trend) {
      expect(
        differences(analyze({ data, analysis_type: 'trend', confidence_level: level }), expected, rounding),
      ).toEqual([]);
    }
  });

  it('[G3] the correlation analysis agrees with NumPy', () => {
    expect(
      differences(analyze({ data, analysis_type: 'correlation', confidence_level: 0.95 }), correlation, rounding),
    ).toEqual([]);
  });

  it('[G3] standard error, skewness and kurtosis agree with SciPy', () => {
    expect(differences(standardError(data), moments.sem, rounding)).toEqual([]);
    expect(differences(skewness(data), moments.skewness, rounding)).toEqual([]);
    expect(differences(kurtosis(data), moments.kurtosis, rounding)).toEqual([]);
  });
});

describe('the rest of the reference', () => {
  const dataOf = ([name, count]: readonly [string, number]): readonly number[] =>
    reference.analyses.find((analysis) => analysis.name === name)?.data.slice(0, count) ?? [];

  it.each(reference.pearson)('[G3] Pearson of $x.0 and $y.0 agrees with SciPy', ({ x, y, r }) => {
    expect(differences(pearson(dataOf(x), dataOf(y)), r)).toEqual([]);
  });

  it.each(reference.t_cdf)('[G3] P(T ≤ $t) with $df degrees of freedom agrees with SciPy', ({ t, df, p }) => {
    expect(differences(studentTCdf(t, df), p)).toEqual([]);
  });

  it.each(reference.t_quantile)(
    '[G3] the quantile $p with $df degrees of freedom agrees with SciPy',
    ({ t, df, p }) => {
      expect(differences(studentTQuantile(p, df), t)).toEqual([]);
    },
  );
});
