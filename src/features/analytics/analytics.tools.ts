import { Injectable } from '@nestjs/common';
import { McpTool } from '../../index.js';
import { analyze } from './analysis.js';
import {
  analyzeDataInput,
  analyzeDataOutput,
  type AnalyzeDataInput,
  type AnalyzeDataOutput,
} from './analysis.schema.js';

/** The guide's statistical tool. */
@Injectable()
export class AnalyticsTools {
  /** See {@link analyze}. */
  @McpTool({
    title: 'Analyze data',
    description:
      'Analyze data and generate insights. Give a list of numbers and an analysis_type: "statistical" for mean, median, ' +
      'deviation and a confidence interval, "trend" for a straight line with its significance, "correlation" for ' +
      'autocorrelation and periodicity.',
    inputSchema: analyzeDataInput,
    outputSchema: analyzeDataOutput,
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  })
  analyzeData(input: AnalyzeDataInput): AnalyzeDataOutput {
    return analyze(input);
  }
}
