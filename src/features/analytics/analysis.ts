import type {
  AnalyzeDataInput,
  AnalyzeDataOutput,
  CorrelationAnalysis,
  StatisticalAnalysis,
  TrendAnalysis,
} from './analysis.schema.js';
import { autocorrelation, strongestEcho } from './autocorrelation.js';
import { linearRegression } from './linear-regression.js';
import { scale, type ScaledData } from './scaled-data.js';
import { max, mean, meanInterval, median, min, standardDeviation } from './statistics.js';

/** How many lags the guide shows. */
const SHOWN_LAGS = 10;
/** An echo stronger than this counts as periodicity. */
const PERIODIC = 0.5;

/**
 * The guide's three analyses of at least one finite number. Never NaN and never an exception: what is not defined, or
 * lies beyond the largest number there is, is `null`.
 */
export function analyze({ data, analysis_type, confidence_level }: AnalyzeDataInput): AnalyzeDataOutput {
  return ANALYSES[analysis_type](scale(data), confidence_level);
}

const ANALYSES = {
  statistical: analyzeDistribution,
  trend: analyzeTrend,
  correlation: analyzeCorrelation,
} as const;

function analyzeDistribution({ data, values, unit }: ScaledData, level: number): StatisticalAnalysis {
  const interval = meanInterval(values, level);
  return {
    analysis_type: 'statistical',
    summary: {
      mean: mean(values) * unit,
      median: median(data),
      std_dev: standardDeviation(values) * unit,
      min: min(data),
      max: max(data),
      count: data.length,
    },
    confidence_interval: {
      level,
      lower: inUnit(interval?.lower, unit),
      upper: inUnit(interval?.upper, unit),
    },
  };
}

function analyzeTrend({ values, unit }: ScaledData, level: number): TrendAnalysis {
  const positions = values.map((_, index) => index);
  const { slope, intercept, correlation, pValue, standardError } = linearRegression(positions, values);
  const strength = Math.abs(correlation);
  return {
    analysis_type: 'trend',
    trend: {
      slope: inUnit(slope, unit),
      intercept: inUnit(intercept, unit),
      correlation,
      p_value: pValue,
      standard_error: inUnit(standardError, unit),
    },
    interpretation: {
      direction: (slope ?? 0) > 0 ? 'increasing' : (slope ?? 0) < 0 ? 'decreasing' : 'stable',
      strength: strength > 0.7 ? 'strong' : strength > 0.3 ? 'moderate' : 'weak',
      significant: pValue !== null && pValue < 1 - level,
    },
  };
}

function analyzeCorrelation({ values }: ScaledData): CorrelationAnalysis {
  const echo = strongestEcho(values);
  const periodic = echo !== null && echo.correlation > PERIODIC;
  return {
    analysis_type: 'correlation',
    autocorrelation: [...autocorrelation(values, SHOWN_LAGS)],
    periodicity_detected: periodic,
    dominant_period: periodic ? echo.lag : null,
  };
}

function inUnit(value: number | null | undefined, unit: number): number | null {
  const result = (value ?? NaN) * unit;
  return Number.isFinite(result) ? result : null;
}
