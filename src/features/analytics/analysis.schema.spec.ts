import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_POINTS, analyzeDataInput, analyzeDataOutput } from './analysis.schema.js';

describe('the input schema of analyze_data', () => {
  const accepts = new Ajv2020({ useDefaults: true }).compile(analyzeDataInput);

  it('[S4] supplies the default confidence level', () => {
    const input = { data: [1, 2], analysis_type: 'trend' };
    expect(accepts(input)).toBe(true);
    expect(input).toEqual({ data: [1, 2], analysis_type: 'trend', confidence_level: 0.95 });
  });

  it.each([
    ['no data', { analysis_type: 'trend' }],
    ['an empty list', { data: [], analysis_type: 'trend' }],
    ['more than it can take', { data: Array.from({ length: MAX_POINTS + 1 }, () => 1), analysis_type: 'trend' }],
    ['text among the numbers', { data: [1, '2'], analysis_type: 'trend' }],
    ['null among the numbers', { data: [1, null], analysis_type: 'trend' }],
    ['a number beyond the largest', { data: [1, Infinity], analysis_type: 'trend' }],
    ['an unknown analysis', { data: [1], analysis_type: 'magic' }],
    ['too little confidence', { data: [1], analysis_type: 'trend', confidence_level: 0.5 }],
    ['too much confidence', { data: [1], analysis_type: 'trend', confidence_level: 1 }],
    ['an unknown property', { data: [1], analysis_type: 'trend', extra: true }],
  ])('[S4] refuses %s', (_what, input) => {
    expect(accepts(input)).toBe(false);
  });
});

describe('the output schema of analyze_data', () => {
  it('[S5] is an object at its root, with one branch for each analysis', () => {
    const listed = z.toJSONSchema(analyzeDataOutput, { io: 'output' });
    expect(listed).toMatchObject({ type: 'object' });
    expect(listed.oneOf ?? listed.anyOf).toHaveLength(3);
  });
});
