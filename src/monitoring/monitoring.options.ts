import { z } from 'zod';

/** The section `monitoring`. */
export const monitoringOptions = z.strictObject({
  logging: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info')
        .describe('The least severe log lines that are written.'),
      format: z.enum(['json', 'pretty']).default('json').describe('`json` for machines, `pretty` for people.'),
    })
    .prefault({})
    .describe('Log lines, on stderr.'),
});

/** The section `monitoring`, complete. */
export type MonitoringOptions = z.output<typeof monitoringOptions>;
