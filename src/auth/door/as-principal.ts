import { z } from 'zod';
import type { Principal } from '../../core/index.js';

const names = z.array(z.string().min(1));

/** Control characters in an id would forge lines in a log. */
const CONTROL = /\p{Cc}/u;
const LONGEST_ID = 256;

const id = z
  .string()
  .min(1)
  .max(LONGEST_ID)
  .refine((text) => !CONTROL.test(text), 'must not have control characters');

const shape = z.object({
  id,
  roles: names.default([]),
  permissions: names.default([]),
  scopes: names.optional(),
  attributes: z.record(z.string(), z.unknown()).default({}),
  tenant: z.string().min(1).optional(),
  issuer: z.string().min(1).optional(),
  actor: z.string().min(1).optional(),
  expiresAt: z.number().optional(),
});

/**
 * The principal that a foreign strategy means. Scopes that it reports beside the user, as bearer strategies do
 * (`info.scope`), limit the principal.
 *
 * @throws Error naming what is wrong; never the user's values
 */
export function asPrincipal(user: unknown, info?: unknown): Principal {
  const result = shape.safeParse(user);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'user'}: ${message}`);
    throw new Error(
      `A strategy gave a user that is no principal { id, roles, permissions, attributes }: ${faults.join('; ')}`,
    );
  }
  const scopes = result.data.scopes ?? scopesOf(info);
  return { ...result.data, ...(scopes !== undefined && { scopes }) };
}

/** Whether a text can be the id of a principal. */
export function isPrincipalId(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_ID && !CONTROL.test(text);
}

function scopesOf(info: unknown): readonly string[] | undefined {
  const scope: unknown = typeof info === 'object' && info !== null && 'scope' in info ? info.scope : undefined;
  if (typeof scope === 'string') return scope.split(' ').filter((part) => part !== '');
  return Array.isArray(scope) ? scope.filter((part): part is string => typeof part === 'string') : undefined;
}
