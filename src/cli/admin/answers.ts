import { z } from 'zod';
import { CommandFailure } from '../exit-code.js';

const breaker = z.object({
  name: z.string(),
  state: z.string(),
  faults: z.number(),
  retryAfterSeconds: z.number(),
});
const limit = z.object({
  name: z.string(),
  target: z.string().optional(),
  limit: z.number(),
  windowSeconds: z.number(),
  /** `null` where the store cannot tell. */
  used: z.number().nullable(),
});
const cache = z.object({
  enabled: z.boolean(),
  backend: z.string(),
  available: z.boolean(),
  entries: z.number().optional(),
  maxSize: z.number().optional(),
  evicted: z.number().optional(),
  requests: z.record(z.string(), z.number()),
  hitRate: z.number().optional(),
  underWay: z.number(),
});
const backend = z.object({ available: z.boolean() });

/** The answers of `/admin/v1`, as far as tables show them: what newer servers add is passed over. */
export const answers = {
  status: z.object({
    name: z.string(),
    version: z.string(),
    uptimeSeconds: z.number(),
    connections: z.number(),
    draining: z.boolean(),
    auth: z.object({ required: z.boolean(), remembered: z.number() }).optional(),
    audit: z.object({ state: z.string(), since: z.string().optional(), pending: z.number() }),
    cache,
    breakers: z.array(breaker),
    concurrency: z.array(
      z.object({
        name: z.string(),
        max: z.number(),
        running: z.number(),
        queued: z.number(),
        leased: z.number().optional(),
        alone: z.boolean().optional(),
      }),
    ),
    store: backend.optional(),
    redis: backend.optional(),
  }),
  breakers: z.object({ breakers: z.array(breaker) }),
  reset: z.object({ breaker: breaker.optional() }),
  limits: z.object({ limits: z.array(limit) }),
  cache,
  forgotten: z.object({ forgotten: z.number() }),
};

/** What {@link answers} are once read. */
export type Answer<Name extends keyof typeof answers> = z.output<(typeof answers)[Name]>;

/** @throws CommandFailure when the server means something else by it than this version */
export function readAnswer<Name extends keyof typeof answers>(name: Name, given: unknown): Answer<Name> {
  const result = answers[name].safeParse(given);
  if (result.success) return result.data as Answer<Name>;
  const [issue] = result.error.issues;
  throw new CommandFailure(
    `error: The server answered what this version does not understand (${issue?.path.join('.') || 'answer'}: ${issue?.message}). ` +
      "Use the command line of the server's version, or --json.",
  );
}
