import { z } from 'zod';

/** Half a year: what is kept longer is no cache. */
const LONGEST_SECONDS = 15_552_000;

/** The section `cache` (guide, `cache_config`): what keeps the results of tools that ask for it by `cacheTtl` or `cacheKey`. */
export const cacheOptions = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe(
        'Whether results are kept at all; they are unless it is false. Then every call runs, those of tools with `cacheTtl` too.',
      ),
    enableCaching: z.boolean().optional().describe('Another name of `enabled`.'),
    backend: z
      .enum(['memory', 'redis'])
      .default('memory')
      .describe('Where results are kept: in each process, or in a Redis that processes share.'),
    redisUrl: z
      .string()
      .regex(/^rediss?:\/\/.+/s, 'must be redis://<user>:<password>@<host>:<port>/<number>, or rediss:// for TLS')
      .meta({ secret: true })
      .optional()
      .describe('Another name of `redis.url`; where both are given they must be the same.'),
    defaultTtl: z
      .number()
      .min(0)
      .max(LONGEST_SECONDS)
      .default(300)
      .describe('Seconds for which results are kept of those that are cached and give no time of their own.'),
    maxSize: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(1000)
      .describe(
        'Entries kept in memory; one that was not used lately goes first. What Redis keeps is bounded by its `maxmemory`.',
      ),
    cleanupInterval: z
      .number()
      .min(1)
      .max(86_400)
      .default(60)
      .describe('Seconds between two sweeps of what is over, in memory.'),
    maxEntryBytes: z
      .int()
      .min(1)
      .max(536_870_912)
      .default(1_048_576)
      .describe('Bytes that one result may have as JSON to be kept; larger ones are sent, and not kept.'),
    timeoutMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(100)
      .describe('How long a call waits for Redis at the most, before it goes on without the cache.'),
  })
  .superRefine(({ enabled, enableCaching }, context) => {
    if (enabled === undefined || enableCaching === undefined || enabled === enableCaching) return;
    const message = `says ${enableCaching}, and enabled, which means the same, ${enabled}; keep one of them`;
    context.addIssue({ code: 'custom', path: ['enableCaching'], message });
  })
  .transform(({ enabled, enableCaching, ...rest }) => ({ enabled: enabled ?? enableCaching ?? true, ...rest }));

/** The longest `cacheTtl`, in seconds. */
export const LONGEST_TTL: number = LONGEST_SECONDS;

/** The section `cache`, complete; the class is its injection token. */
export abstract class CacheOptions implements z.output<typeof cacheOptions> {
  abstract readonly enabled: boolean;
  abstract readonly backend: 'memory' | 'redis';
  abstract readonly redisUrl?: string | undefined;
  /** Seconds. */
  abstract readonly defaultTtl: number;
  abstract readonly maxSize: number;
  /** Seconds. */
  abstract readonly cleanupInterval: number;
  abstract readonly maxEntryBytes: number;
  abstract readonly timeoutMs: number;
}

/**
 * The Redis that keeps results, by whichever of its two names it was given.
 *
 * @throws Error naming both keys, never a URL, when they disagree, or when `redis` is asked for and neither is given.
 */
export function cacheRedisUrl(
  { backend, redisUrl }: Pick<CacheOptions, 'backend' | 'redisUrl'>,
  sharedUrl: string | undefined,
): string | undefined {
  if (redisUrl !== undefined && sharedUrl !== undefined && redisUrl !== sharedUrl) {
    throw new Error('cache.redisUrl and redis.url name different servers; they are one setting: keep redis.url.');
  }
  const url = redisUrl ?? sharedUrl;
  if (backend === 'redis' && url === undefined) {
    throw new Error('cache.backend is "redis", and no Redis is named: set redis.url (or cache.redisUrl).');
  }
  return url;
}
