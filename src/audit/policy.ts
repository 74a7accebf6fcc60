import { z } from 'zod';

declare module '../core/target-parts.js' {
  interface Policy {
    /**
     * The record of every call is durable before the caller gets its answer, also where the trail is written in batches.
     * Stops the start where nothing is audited.
     */
    readonly auditLogging?: boolean | undefined;
  }
}

/** What `auditLogging` may be: `true` only where there is a trail. */
export function auditLoggingPolicy(enabled: boolean): z.ZodType {
  return z
    .boolean()
    .refine((wanted) => !wanted || enabled, {
      message:
        'records are wanted, but nothing is audited here: configure audit.sinks (and an audit.mode other than off), or leave the option out',
    })
    .optional();
}
