import { describe, expect, it } from 'vitest';
import { analyticsOptions } from './analytics.options.js';

describe('the section analytics', () => {
  it('is on by default and knows no other key', () => {
    expect(analyticsOptions.parse({})).toEqual({ enabled: true });
    expect(analyticsOptions.safeParse({ enable: true }).success).toBe(false);
  });
});
