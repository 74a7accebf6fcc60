import { describe, expect, it } from 'vitest';
import { AnalyticsTools } from './analytics.tools.js';

describe('AnalyticsTools', () => {
  it('[G1] answers with the fields of the guide', () => {
    const tools = new AnalyticsTools();
    const result = tools.analyzeData({ data: [1, 2, 3], analysis_type: 'statistical', confidence_level: 0.95 });
    expect(result).toMatchObject({ analysis_type: 'statistical', summary: { mean: 2, median: 2, count: 3 } });
  });
});
