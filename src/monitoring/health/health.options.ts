import { z } from 'zod';

const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Milliseconds that a check gets. */
const timeoutMs = z.int().min(1, 'must be 1 or more').max(60_000);

/** Seconds for which what was found holds; 0 looks anew each time. */
export const healthCheckInterval = z.number().min(0).max(3_600);

/** The section `monitoring.health`. What has two names has no default here; {@link MonitoringSettings} has it. */
export const healthOptions = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe('Whether anything is checked. `/health/live` and `/health/ready` answer in any case. Without it, it is.'),
  healthCheckInterval: healthCheckInterval
    .optional()
    .describe('Seconds for which the results of checks hold; 30 without it, 0 checks whenever somebody asks.'),
  timeoutMs: timeoutMs
    .default(800)
    .describe('Milliseconds that a check gets before it counts as failed; less than the patience of who probes.'),
  checks: z
    .record(
      z.string().min(1),
      z.strictObject({
        enabled: z.boolean().default(true).describe('Whether it is checked.'),
        critical: z
          .boolean()
          .optional()
          .describe('Whether the server is not ready while this fails; as the check says without it.'),
        timeoutMs: timeoutMs.optional().describe('Milliseconds that it gets; as the check says without it.'),
      }),
    )
    .default({})
    .describe('What differs for some checks, by name: `store`, `redis`, `cache`, `audit`, `disk`, one of your own.'),
  eventLoop: z
    .strictObject({
      maxDelayMs: z
        .number()
        .positive()
        .max(60_000)
        .default(1_000)
        .describe('Delay of the event loop, as 99 of 100 readings stay below, over which it counts as degraded.'),
    })
    .prefault({})
    .describe('The check `event_loop`.'),
  memory: z
    .strictObject({
      maxHeapRatio: z
        .number()
        .positive()
        .max(1)
        .default(0.95)
        .describe('Share of the largest possible heap over which it counts as degraded.'),
      maxRssBytes: bytes
        .optional()
        .describe('Resident bytes of the process over which it counts as degraded; no limit without it.'),
    })
    .prefault({})
    .describe('The check `memory`.'),
  disk: z
    .strictObject({
      paths: z
        .array(z.string().min(1))
        .default(['.'])
        .describe('Folders whose disks are looked at; relative ones from the working directory.'),
      minFreeBytes: bytes.default(104_857_600).describe('Free bytes under which a disk counts as degraded.'),
    })
    .prefault({})
    .describe('The check `disk`.'),
});
