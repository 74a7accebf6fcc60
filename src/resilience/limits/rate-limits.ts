import type { RateLimitOptions } from '../resilience.options.js';
import type { LimitRule } from './limit-store.js';

/** A rule with the name by which metrics and refusals call it. */
export interface NamedRule extends LimitRule {
  readonly name: string;
}

/** Calls a minute, and calls in any one second. */
export interface CallRate {
  readonly requestsPerMinute?: number | undefined;
  readonly burstSize?: number | undefined;
}

/** A minute, the window of everything that is said "per minute". */
const MINUTE_MS = 60_000;
/** A second, the window of a burst. */
const SECOND_MS = 1_000;

/** The rules of a rate: a sliding minute and a burst; none for what it leaves open. */
export function rulesOf(name: string, { requestsPerMinute, burstSize }: CallRate): readonly NamedRule[] {
  const rules: NamedRule[] = [];
  if (requestsPerMinute !== undefined) rules.push({ name, limit: requestsPerMinute, windowMs: MINUTE_MS });
  if (burstSize !== undefined) rules.push({ name: `${name}_burst`, limit: burstSize, windowMs: SECOND_MS });
  return rules;
}

/** A rate as it may be written short: a number is calls a minute. */
export function rateOf(rate: number | CallRate): CallRate {
  return typeof rate === 'number' ? { requestsPerMinute: rate } : rate;
}

/** The limits of the configuration, in one vocabulary. */
export interface RateLimits {
  /** Of all callers together. */
  readonly global: readonly NamedRule[];
  /** Of each principal, unless there is another for it. */
  readonly principal: readonly NamedRule[];
  /** Principals with limits of their own, by `id`, or `issuer|id` where a token's issuer vouches for it. */
  readonly overrides: ReadonlyMap<string, readonly NamedRule[]>;
}

/**
 * What the section `rateLimit` means: `requestsPerMinute` and `perUserRequestsPerMinute` are the same, an override keeps
 * what it does not mention.
 */
export function rateLimitsOf(options: RateLimitOptions): RateLimits {
  if (!options.enabled) return { global: [], principal: [], overrides: new Map() };
  const { requestsPerMinute = options.perUserRequestsPerMinute, globalRequestsPerMinute, burstSize } = options;
  const base: CallRate = { requestsPerMinute, burstSize };
  const overrides = Object.entries(options.perUserLimits).map(
    ([id, rate]) => [id, rulesOf('principal', { ...base, ...rateOf(rate) })] as const,
  );
  return {
    global: rulesOf('global', { requestsPerMinute: globalRequestsPerMinute }),
    principal: rulesOf('principal', base),
    overrides: new Map(overrides),
  };
}
