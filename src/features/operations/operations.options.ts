import { z } from 'zod';

/** The section `operations` of the configuration. */
export const operationsOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the tool health_check is served.'),
});

/** See {@link operationsOptions}. */
export type OperationsOptions = z.output<typeof operationsOptions>;
