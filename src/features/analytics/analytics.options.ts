import { z } from 'zod';

/** The section `analytics` of the configuration. */
export const analyticsOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the tool analyze_data is served.'),
});

/** See {@link analyticsOptions}. */
export type AnalyticsOptions = z.output<typeof analyticsOptions>;
