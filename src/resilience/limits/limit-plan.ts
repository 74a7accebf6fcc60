import { normalizeIp } from '@nestjs/throttler';
import { principalKey, type Call, type Policy, type Principal, type Target } from '../../core/index.js';
import type { LimitRequest } from './limit-store.js';
import { rateOf, rulesOf, type NamedRule, type RateLimits } from './rate-limits.js';
import { throttlingOf } from './throttle-metadata.js';

/** Where a principal of whom nothing is known calls from the other end of a pipe. */
const LOCAL = 'local';

/** Everything that bounds a call, to be taken together. */
export type LimitPlan = (call: Call) => readonly LimitRequest<NamedRule>[];

/** For whom a call is counted: its principal, else its network address (of IPv6 the /64), else the one on the pipe. */
export function trackerOf({ principal, remoteAddress }: Pick<Call, 'principal' | 'remoteAddress'>): string {
  if (principal !== undefined) return principalKey(principal);
  return remoteAddress === undefined ? LOCAL : `ip:${normalizeIp(remoteAddress)}`;
}

/** The limits of the configuration that hold for somebody. */
export function principalRules(
  { principal: rules, overrides }: RateLimits,
  principal: Principal | undefined,
): readonly NamedRule[] {
  if (principal === undefined || overrides.size === 0) return rules;
  const { id, issuer } = principal;
  return overrides.get(issuer === undefined ? id : `${issuer}|${id}`) ?? rules;
}

/** The key under which everybody's calls are counted together. */
export const GLOBAL_KEY = 'global';

/** The key under which somebody's calls are counted. */
export function principalLimitKey(tracker: string): string {
  return `principal:${tracker}`;
}

/** The limits of a target itself: its policy's, and those of `@Throttle()`, each for every caller apart. */
export function targetRequests(target: Target, tracker: string): readonly LimitRequest<NamedRule>[] {
  return ownLimits(target).map(({ prefix, rules }) => ({ key: prefix + tracker, rules }));
}

/**
 * What bounds the calls of a target; `undefined` when nothing does.
 *
 * Calls that are made in the course of another one are bounded by the target's own limits only: the limits of the
 * configuration count what callers ask for, not what it takes to answer. What a model chose to call is counted in all of
 * them, as nobody wrote down how much that will be.
 */
export function limitPlanOf(target: Target, limits: RateLimits): LimitPlan | undefined {
  const { skipsConfigured, skipsGlobal, skipsPrincipal } = throttlingOf(target.origin);
  const global = skipsConfigured || skipsGlobal ? [] : limits.global;
  const principal: RateLimits =
    skipsConfigured || skipsPrincipal ? { global, principal: [], overrides: new Map() } : limits;
  const everybody = global.length > 0 ? { key: GLOBAL_KEY, rules: global } : undefined;
  const own = ownLimits(target);
  const perPrincipal = principal.principal.length > 0 || principal.overrides.size > 0;
  if (everybody === undefined && !perPrincipal && own.length === 0) return undefined;
  const requestsOf = (call: Call): readonly LimitRequest<NamedRule>[] => {
    const requests: LimitRequest<NamedRule>[] = [];
    const tracker = perPrincipal || own.length > 0 ? trackerOf(call) : '';
    for (const { prefix, rules } of own) requests.push({ key: prefix + tracker, rules });
    if (!isAskedFor(call)) return requests;
    if (perPrincipal) {
      const rules = principalRules(principal, call.principal);
      if (rules.length > 0) requests.push({ key: principalLimitKey(tracker), rules });
    }
    if (everybody !== undefined) requests.push(everybody);
    return requests;
  };
  // Keys are long texts: whoever is remembered at the door keeps them from call to call.
  const known = new WeakMap<Principal, readonly LimitRequest<NamedRule>[]>();
  return (call) => {
    const { principal: caller } = call;
    if (caller === undefined || !isAskedFor(call)) return requestsOf(call);
    let requests = known.get(caller);
    if (requests === undefined) known.set(caller, (requests = requestsOf(call)));
    return requests;
  };
}

/** Whether the limits of the configuration count a call: somebody asked for it, be it a model. */
function isAskedFor({ parent, chosenByModel }: Call): boolean {
  return parent === undefined || chosenByModel;
}

interface OwnLimit {
  readonly prefix: string;
  readonly rules: readonly NamedRule[];
}

function ownLimits({ kind, name, policy, origin }: Target): readonly OwnLimit[] {
  const { rateLimit }: Policy = policy;
  const prefix = `target:${kind}:${encodeURIComponent(name)}:`;
  const own = rateLimit === undefined ? [] : [{ prefix, rules: rulesOf('target', rateOf(rateLimit)) }];
  const { rules } = throttlingOf(origin);
  return [...own, ...rules.map((rule) => ({ prefix: `${rule.name}:${prefix}`, rules: [rule] }))];
}
