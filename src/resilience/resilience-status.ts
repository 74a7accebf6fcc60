import { Injectable } from '@nestjs/common';
import { TargetRegistries, type Principal } from '../core/index.js';
import { CircuitBreakers, type BreakerStatus } from './breaker/circuit-breakers.js';
import { ConcurrencyLimits, type ConcurrencyStatus } from './concurrency/concurrency-limits.js';
import { GLOBAL_KEY, principalLimitKey, principalRules, targetRequests, trackerOf } from './limits/limit-plan.js';
import { LimitStore, type LimitRequest } from './limits/limit-store.js';
import { rateLimitsOf, type NamedRule } from './limits/rate-limits.js';
import { ResilienceOptions } from './resilience.options.js';

/** How much of a limit is used up. */
export interface LimitStatus {
  /** `global`, `principal`, `principal_burst`, `target`, …: as in `rookery_rate_limited_total`. */
  readonly name: string;
  /** `kind:name` of the target whose limit it is; `undefined` for those of the configuration. */
  readonly target?: string;
  readonly limit: number;
  readonly windowSeconds: number;
  /** Calls in the window now; NaN where the store cannot tell. */
  readonly used: number;
}

/** What operators ask this folder. */
@Injectable()
export class ResilienceStatus {
  constructor(
    private readonly circuitBreakers: CircuitBreakers,
    private readonly concurrencyLimits: ConcurrencyLimits,
    private readonly store: LimitStore,
    private readonly options: ResilienceOptions,
    private readonly targets: TargetRegistries,
  ) {}

  /** Every breaker, by name. */
  breakers(): readonly BreakerStatus[] {
    return this.circuitBreakers.status();
  }

  /** Closes a breaker by hand; whether there is one of that name. */
  resetBreaker(name: string): boolean {
    return this.circuitBreakers.reset(name);
  }

  /** Every concurrency limit: what runs and what waits. */
  concurrency(): readonly ConcurrencyStatus[] {
    return this.concurrencyLimits.status();
  }

  /**
   * The limits that hold for somebody and how much of each is used up. While a shared store does not
   * answer, what this process has counted; rejects when calls are refused then.
   *
   * @param caller - a principal, by `id`, and `issuer` and `tenant` where a token says them; or an address
   */
  async limitsOf(
    caller: Pick<Principal, 'id' | 'issuer' | 'tenant'> | { readonly remoteAddress: string },
  ): Promise<readonly LimitStatus[]> {
    if (!this.options.rateLimit.enabled) return [];
    const limits = rateLimitsOf(this.options.rateLimit);
    const principal = 'id' in caller ? { roles: [], permissions: [], attributes: {}, ...caller } : undefined;
    const tracker = trackerOf({
      principal,
      remoteAddress: 'remoteAddress' in caller ? caller.remoteAddress : undefined,
    });
    const asked: { readonly target?: string; readonly request: LimitRequest<NamedRule> }[] = [
      { request: { key: GLOBAL_KEY, rules: limits.global } },
      { request: { key: principalLimitKey(tracker), rules: principalRules(limits, principal) } },
    ];
    for (const registry of this.targets.all()) {
      for (const target of registry.list()) {
        for (const request of targetRequests(target, tracker)) {
          asked.push({ target: `${target.kind}:${target.name}`, request });
        }
      }
    }
    const known = asked.filter(({ request }) => request.rules.length > 0);
    const used = await this.store.usage(known.map(({ request }) => request));
    return known.flatMap(({ target, request }, at) =>
      request.rules.map(({ name, limit, windowMs }, rule) => ({
        name,
        ...(target === undefined ? {} : { target }),
        limit,
        windowSeconds: windowMs / 1000,
        used: used[at]?.[rule] ?? 0,
      })),
    );
  }
}
