import { z } from 'zod';

/** The most numbers one call may bring. */
export const MAX_POINTS = 100_000;

/** The arguments of `analyze_data`, as raw JSON Schema: the guide's, with bounds. */
export const analyzeDataInput = {
  type: 'object',
  properties: {
    data: {
      type: 'array',
      items: { type: 'number' },
      minItems: 1,
      maxItems: MAX_POINTS,
      description: 'Numerical data to analyze',
    },
    analysis_type: {
      type: 'string',
      enum: ['statistical', 'trend', 'correlation'],
      description: 'Type of analysis to perform',
    },
    confidence_level: {
      type: 'number',
      minimum: 0.8,
      maximum: 0.99,
      default: 0.95,
      description: 'Statistical confidence level',
    },
  },
  required: ['data', 'analysis_type'],
  additionalProperties: false,
} as const;

/** What {@link analyzeDataInput} lets through. */
export interface AnalyzeDataInput {
  readonly data: readonly number[];
  readonly analysis_type: 'statistical' | 'trend' | 'correlation';
  readonly confidence_level: number;
}

const statistical = z.object({
  analysis_type: z.literal('statistical'),
  summary: z.object({
    mean: z.number(),
    median: z.number(),
    std_dev: z.number().min(0).describe('Standard deviation of the population (ddof 0)'),
    min: z.number(),
    max: z.number(),
    count: z.int().min(1),
  }),
  confidence_interval: z
    .object({
      level: z.number(),
      lower: z.number().nullable().describe('null for a single point and for constant data'),
      upper: z.number().nullable().describe('null for a single point and for constant data'),
    })
    .describe("Student's t interval for the mean"),
});

const trend = z.object({
  analysis_type: z.literal('trend'),
  trend: z
    .object({
      slope: z.number().nullable().describe('Per point; null for a single point'),
      intercept: z.number().nullable().describe('Value of the line at the first point; null for a single point'),
      correlation: z.number().min(-1).max(1).describe('Of value and position; 0 for a single point and constant data'),
      p_value: z.number().min(0).max(1).nullable().describe('That the slope is 0, two-sided; null for a single point'),
      standard_error: z.number().min(0).nullable().describe('Of the slope; null for a single point'),
    })
    .describe('Least-squares line through the values at positions 0, 1, 2, …'),
  interpretation: z.object({
    direction: z.enum(['increasing', 'decreasing', 'stable']),
    strength: z.enum(['strong', 'moderate', 'weak']).describe('|correlation| above 0.7, above 0.3, or less'),
    significant: z.boolean().describe('Whether p_value is below 1 − confidence_level'),
  }),
});

const correlation = z.object({
  analysis_type: z.literal('correlation'),
  autocorrelation: z
    .array(z.number().nullable())
    .max(10)
    .describe('At lags 0 to 9, 1 at lag 0; the mean is not taken off. null at every lag when all data is 0'),
  periodicity_detected: z.boolean().describe('Whether the autocorrelation at any lag but 0 is above 0.5'),
  dominant_period: z
    .int()
    .min(1)
    .nullable()
    .describe('The lag with the highest autocorrelation; null without periodicity'),
});

/**
 * The result of `analyze_data`, one shape for each analysis type. A union has no type of its own in JSON Schema, but
 * MCP asks for `object` at the root.
 */
export const analyzeDataOutput = z
  .discriminatedUnion('analysis_type', [statistical, trend, correlation])
  .meta({ type: 'object' });

/** See {@link analyzeDataOutput}. */
export type AnalyzeDataOutput = z.output<typeof analyzeDataOutput>;
/** The result of a statistical analysis. */
export type StatisticalAnalysis = z.output<typeof statistical>;
/** The result of a trend analysis. */
export type TrendAnalysis = z.output<typeof trend>;
/** The result of a correlation analysis. */
export type CorrelationAnalysis = z.output<typeof correlation>;
