import { z } from 'zod';

/** The section `redis`: what processes of one server share without a database. */
export const redisOptions = z.strictObject({
  url: z
    .string()
    .regex(/^rediss?:\/\/.+/s, 'must be redis://<user>:<password>@<host>:<port>/<number>, or rediss:// for TLS')
    .meta({ secret: true })
    .optional()
    .describe('The Redis that processes share; without it each keeps to itself. `rediss://` uses TLS.'),
  connectTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(2_000)
    .describe('How long one attempt to connect takes at the most; the start waits for the first one.'),
  commandTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(1_000)
    .describe('After how long a command fails that Redis does not answer.'),
  keyPrefix: z
    .string()
    .max(128)
    .default('rookery:')
    .describe('What keys and channels begin with, so that several servers can share a Redis.'),
});

/** See {@link redisOptions}. */
export type RedisOptions = z.output<typeof redisOptions>;
