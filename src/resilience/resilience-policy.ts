import { z } from 'zod';
import type { PolicyKeys } from '../core/index.js';
import { breakerPolicy, callRate, timeoutMs, type ResilienceOptions } from './resilience.options.js';

declare module '../core/target-parts.js' {
  interface Policy {
    /**
     * Calls of this target that each principal may make: in any 60 seconds, and in any one second. It holds beside the
     * limits of the configuration, and for calls that others make in their course too.
     */
    readonly rateLimit?:
      number | { readonly requestsPerMinute?: number | undefined; readonly burstSize?: number | undefined } | undefined;
    /**
     * The breaker of this target: `false` for none, or what differs from the configuration. Targets that give one name
     * share a breaker. A `ToolError` is no fault unless `countToolErrors` says so.
     *
     * @default true for tools, false for what else is called
     */
    readonly breaker?:
      | boolean
      | {
          readonly name?: string | undefined;
          readonly failureThreshold?: number | undefined;
          readonly timeoutSeconds?: number | undefined;
          readonly halfOpenMaxCalls?: number | undefined;
          readonly countToolErrors?: boolean | undefined;
        }
      | undefined;
    /** Milliseconds that a call may take; 0 for no deadline of its own. @default `timeouts` of the configuration */
    readonly timeoutMs?: number | undefined;
    /**
     * Calls of this target that run at once, over all processes that share a Redis.
     *
     * @default `limits.perTool` of the configuration
     */
    readonly maxConcurrency?: number | undefined;
  }
}

/** Tells what may be written: the schemas of the four keys that this folder enforces. */
export function definePolicyKeys(keys: PolicyKeys, { limits }: ResilienceOptions): void {
  const most = limits.maxConcurrency;
  keys.define(
    'rateLimit',
    optional(
      callRate,
      'must be calls a minute (1 or more) or { requestsPerMinute, burstSize }, burstSize not the larger',
    ),
  );
  keys.define(
    'breaker',
    optional(
      breakerPolicy,
      'must be true, false or { name, failureThreshold, timeoutSeconds, halfOpenMaxCalls, countToolErrors }, numbers above 0',
    ),
  );
  keys.define('timeoutMs', timeoutMs.optional());
  keys.define(
    'maxConcurrency',
    z
      .int()
      .min(1, 'must be 1 or more')
      .max(most, `is more than limits.maxConcurrency (${most}) lets run in all; lower it or raise that`)
      .optional(),
  );
}

/** A choice reports itself only; what each of its branches misses would say less. */
function optional(schema: z.ZodType, expected: string): z.ZodType {
  return z.unknown().refine((value) => value === undefined || schema.safeParse(value).success, expected);
}
