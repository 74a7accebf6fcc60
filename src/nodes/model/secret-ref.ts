import { z } from 'zod';

/** How parameters end that hold the name of a secret. */
export const SECRET_REF = '_ref';

/**
 * Schema of a parameter that names a secret of the section `nodes.secrets`, so that its value stands in no definition,
 * argument or record. Its name ends in `_ref`: `token_ref` says that `token` is refused.
 */
export function secretRef(description: string): z.ZodString {
  return z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be the name of a secret of nodes.secrets')
    .describe(description);
}
