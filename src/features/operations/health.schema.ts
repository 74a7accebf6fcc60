import { z } from 'zod';

const count = z.int().min(0);

/** What the metrics say of the calls since the start. */
export const callMetrics = z.object({
  calls_total: count.describe('Calls that have ended, of tools and everything else'),
  calls_by_outcome: z.record(z.string(), count).describe('Outcome → calls that ended so'),
  calls_in_flight: count.describe('Calls under way, this one included'),
  error_rate: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of ended calls that failed on this side; what the caller got wrong or may not do does not count'),
  avg_response_time_ms: z.number().min(0).describe('Mean duration of the tool calls that have ended'),
});

/** See {@link callMetrics}. */
export type CallMetrics = z.output<typeof callMetrics>;

/** The result of `health_check`. */
export const healthOutput = z.object({
  status: z
    .enum(['healthy', 'degraded', 'unhealthy', 'draining'])
    .describe(
      'degraded: it works, but not as it should; unhealthy: something that it needs is down; draining: it finishes what it has and takes nothing new',
    ),
  version: z.string(),
  uptime: z.number().min(0).describe('Seconds'),
  tools_registered: count,
  active_connections: count,
  metrics: callMetrics,
  checks: z
    .record(z.string(), z.enum(['up', 'degraded', 'down']))
    .optional()
    .describe('What each health check found last'),
});

/** See {@link healthOutput}. */
export type Health = z.output<typeof healthOutput>;
