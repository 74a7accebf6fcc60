import { z } from 'zod';

const MAX_RATE = 10_000_000;
const MAX_SECONDS = 86_400;
const MAX_MS = 86_400_000;

const rate = z
  .int('must be a whole number')
  .min(1, 'must be 1 or more; leave it out where there is no limit')
  .max(MAX_RATE, `must be ${MAX_RATE} or less`);

type Rates = { readonly requestsPerMinute?: number | undefined; readonly burstSize?: number | undefined };

/** A burst of more than a minute's calls can never be reached: one of the two is not what was meant. */
const reachable = ({ requestsPerMinute, burstSize }: Rates): boolean =>
  requestsPerMinute === undefined || burstSize === undefined || burstSize <= requestsPerMinute;
const UNREACHABLE =
  'allows more calls in a second than requestsPerMinute in a minute; lower it or raise requestsPerMinute';

/** Calls a minute, or that with a burst, as options and tools write it. */
export const callRate = z.union([
  rate,
  z
    .strictObject({
      requestsPerMinute: rate.optional().describe('Calls in any 60 seconds.'),
      burstSize: rate.optional().describe('Calls in any one second.'),
    })
    .refine(
      (rates) => rates.requestsPerMinute !== undefined || rates.burstSize !== undefined,
      'must name requestsPerMinute or burstSize',
    )
    .refine(reachable, { path: ['burstSize'], message: UNREACHABLE }),
]);

type PathFault = readonly [path: readonly PropertyKey[], message: string];

/** Limits of some principals that contradict what they take over from the limits of everybody. */
function unreachableOverrides(
  base: Rates,
  overrides: Readonly<Record<string, z.output<typeof callRate>>>,
): readonly PathFault[] {
  return Object.entries(overrides).flatMap(([id, limit]): PathFault[] => {
    const own = typeof limit === 'number' ? { requestsPerMinute: limit } : limit;
    if (reachable({ ...base, ...own })) return [];
    const path = ['perUserLimits', id];
    if (own.burstSize === undefined) {
      const message = `lets fewer calls through in a minute than rateLimit.burstSize (${base.burstSize}), which holds here too, in a second; raise it, or give it a burstSize of its own`;
      return [[path, message]];
    }
    const message = `allows more calls in a second than rateLimit.requestsPerMinute (${base.requestsPerMinute}), which holds here too, in a minute; lower it, or give it a requestsPerMinute of its own`;
    return [[[...path, 'burstSize'], message]];
  });
}

/** The section `rateLimit`: how many calls are let through. A limit that is left out does not apply. */
export const rateLimitOptions = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether calls are limited at all, those of tools with `rateLimit` too.'),
    requestsPerMinute: rate
      .optional()
      .describe('Calls of each principal in any 60 seconds; of an address where nobody is known.'),
    perUserRequestsPerMinute: rate.optional().describe('Another name of `requestsPerMinute`.'),
    globalRequestsPerMinute: rate.optional().describe('Calls of everybody together in any 60 seconds.'),
    burstSize: rate.optional().describe('Calls of each principal in any one second.'),
    perUserLimits: z
      .record(z.string().min(1).meta({ secret: true }), callRate)
      .default({})
      .describe(
        'Other limits for some principals: by key id, the key itself in the short form of `auth.apiKeys`, or `issuer|subject` for those with a token.',
      ),
    onStoreFailure: z
      .enum(['local', 'allow', 'refuse'])
      .default('local')
      .describe(
        'While a shared store does not answer: `local` lets each process count for itself, `allow` lets every call through, `refuse` answers `overloaded`. Each is counted.',
      ),
    storeTimeoutMs: z
      .int()
      .min(1)
      .max(10_000)
      .default(250)
      .describe('Milliseconds that a shared store gets to answer.'),
    maxKeys: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .describe('Callers and tools that a process keeps count of at once; further ones share one count.'),
  })
  .superRefine((options, context) => {
    const fault = (path: readonly PropertyKey[], message: string): void =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const refuse = ([path, message]: PathFault): void => fault(path, message);
    const { requestsPerMinute, perUserRequestsPerMinute, globalRequestsPerMinute: all, burstSize } = options;
    const each = requestsPerMinute ?? perUserRequestsPerMinute;
    if (perUserRequestsPerMinute !== undefined && perUserRequestsPerMinute !== each) {
      fault(
        ['perUserRequestsPerMinute'],
        `says ${perUserRequestsPerMinute}, and requestsPerMinute, which means the same, ${each}; keep one of them`,
      );
    }
    if (!reachable({ requestsPerMinute: each, burstSize })) fault(['burstSize'], UNREACHABLE);
    else unreachableOverrides({ requestsPerMinute: each, burstSize }, options.perUserLimits).forEach(refuse);
    if (all === undefined) return;
    const beyond = `is more than globalRequestsPerMinute (${all}) lets all callers have together`;
    if (each !== undefined && each > all) {
      fault([requestsPerMinute === undefined ? 'perUserRequestsPerMinute' : 'requestsPerMinute'], beyond);
    }
    if (each === undefined && burstSize !== undefined && burstSize > all) fault(['burstSize'], beyond);
    for (const [id, limit] of Object.entries(options.perUserLimits)) {
      const own = typeof limit === 'number' ? limit : limit.requestsPerMinute;
      if (own !== undefined && own > all) fault(['perUserLimits', id], beyond);
    }
  });

/** The section `rateLimit`, complete. */
export type RateLimitOptions = z.output<typeof rateLimitOptions>;

const threshold = z.int().min(1, 'must be 1 or more').max(1_000_000);
const openSeconds = z.number().positive('must be more than 0').max(MAX_SECONDS);

/** The section `circuitBreaker`: when a tool that keeps failing is left alone for a while. */
export const circuitBreakerOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether there are breakers at all.'),
  failureThreshold: threshold.default(5).describe('Faults in a row after which a tool is not called any more.'),
  timeoutSeconds: openSeconds.default(30).describe('Seconds after which it is tried again.'),
  halfOpenMaxCalls: threshold.default(3).describe('Calls at once by which it is tried.'),
});

/** The section `circuitBreaker`, complete. */
export type CircuitBreakerOptions = z.output<typeof circuitBreakerOptions>;

/** What a tool may say of its breaker. */
export const breakerPolicy = z.union([
  z.boolean(),
  z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'must be 1–128 of A–Z a–z 0–9 _ . : -')
      .optional()
      .describe('Tools with one name share a breaker. @default the name of the tool'),
    failureThreshold: threshold.optional(),
    timeoutSeconds: openSeconds.optional(),
    halfOpenMaxCalls: threshold.optional(),
    countToolErrors: z.boolean().optional().describe('Whether a `ToolError` is a fault too.'),
  }),
]);

/** The section `limits`: how many calls run at once, and when the process takes no more. */
export const limitsOptions = z
  .strictObject({
    maxConcurrency: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_000)
      .describe('Calls that run at once in a process, of all targets together.'),
    perTool: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe(
        'Calls of one target that run at once, where it says nothing else; over all processes with `redis.url`.',
      ),
    maxQueue: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(100)
      .describe('Calls that wait before each of these limits; further ones are refused.'),
    maxWaitMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(1_000)
      .describe('Milliseconds that a call waits before it is refused; 0 lets none wait.'),
    eventLoopDelayMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(500)
      .describe('Mean delay of the event loop over which new calls are refused; 0 refuses none.'),
  })
  .superRefine(({ perTool, maxConcurrency }, context) => {
    if (perTool === undefined || perTool <= maxConcurrency) return;
    const message = `is more than maxConcurrency (${maxConcurrency}) lets run in all; lower it or raise maxConcurrency`;
    context.addIssue({ code: 'custom', path: ['perTool'], message });
  });

/** The section `limits`, complete. */
export type LimitsOptions = z.output<typeof limitsOptions>;

/** Milliseconds of a deadline; 0 is none. */
export const timeoutMs = z.int().min(0, 'must be 0 (no deadline) or more').max(MAX_MS);

/** The section `timeouts`: how long calls may take. */
export const timeoutsOptions = z.strictObject({
  defaultMs: timeoutMs
    .default(30_000)
    .describe('Milliseconds that a call gets whose target says nothing else; 0 sets no deadline.'),
  taskMs: timeoutMs.default(3_600_000).describe('The same for tools that may go on as a task; 0 sets no deadline.'),
});

/** The section `timeouts`, complete. */
export type TimeoutsOptions = z.output<typeof timeoutsOptions>;

/** What {@link ResilienceModule} takes: four sections of the configuration, each with its defaults. */
export const resilienceOptions = z.strictObject({
  rateLimit: rateLimitOptions.prefault({}),
  circuitBreaker: circuitBreakerOptions.prefault({}),
  limits: limitsOptions.prefault({}),
  timeouts: timeoutsOptions.prefault({}),
});

/** What `resilience/` is configured by; also its injection token. */
export abstract class ResilienceOptions {
  abstract readonly rateLimit: RateLimitOptions;
  abstract readonly circuitBreaker: CircuitBreakerOptions;
  abstract readonly limits: LimitsOptions;
  abstract readonly timeouts: TimeoutsOptions;
}
