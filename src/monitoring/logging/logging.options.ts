import { z } from 'zod';
import { LOGGER_LEVELS, MAX_MODULE_LEVELS, MODULE_PATTERN } from '../../core/index.js';

const level = z.enum(LOGGER_LEVELS);

/** The key `monitoring.logging`. */
export const loggingOptions = z.strictObject({
  level: level.default('info').describe('The least severe log lines that are written.'),
  levels: z
    .record(
      z.string().regex(MODULE_PATTERN, 'name a module as it stands in log lines, or the beginning of names and a *'),
      level,
    )
    .refine((levels) => Object.keys(levels).length < MAX_MODULE_LEVELS, `name fewer than ${MAX_MODULE_LEVELS} modules`)
    .default({})
    .describe(
      'Levels of modules, in the place of `level`: the name that stands in their lines as `context`, or how names begin, as `Mcp*`.',
    ),
  format: z.enum(['json', 'pretty']).default('json').describe('`json` for machines, `pretty` for people.'),
});

/** The key `monitoring.logging`, complete. */
export type LoggingOptions = z.output<typeof loggingOptions>;
