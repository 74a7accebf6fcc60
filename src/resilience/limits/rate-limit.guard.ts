import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerStorage,
} from '@nestjs/throttler';
import {
  MCP_CONTEXT,
  RookeryError,
  Telemetry,
  asHttpException,
  callOf,
  type Call,
  type CallCheck,
  type Target,
} from '../../core/index.js';
import { ResilienceOptions } from '../resilience.options.js';
import { ForeignLimitStore } from './foreign-limit-store.js';
import { limitPlanOf } from './limit-plan.js';
import { LimitStore, type LimitRefused, type LimitRequest, type LimitVerdict } from './limit-store.js';
import { LimitThrottlerStorage } from './limit-throttler-storage.js';
import { rateLimitHeaders } from './rate-limit-headers.js';
import { rateLimitsOf, type NamedRule, type RateLimits } from './rate-limits.js';

/**
 * Lets as many calls through as the limits allow: those of the configuration, of the target (`rateLimit`) and of
 * `@Throttle()`; `@SkipThrottle()` takes a target out of those of the configuration. All limits of a call are checked
 * before it is counted in any.
 *
 * It is the guard of `@nestjs/throttler` with another decision: it goes wherever that one goes. On controllers it sets
 * `Retry-After`, `RateLimit` and `RateLimit-Policy` when it refuses.
 *
 * @throws RookeryError `rate_limited`, with the seconds to wait (`retryAfter`), `limit`, `windowSeconds`, `remaining` and
 *   the name of the limit (`policy`) as details
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  readonly #checks = new WeakMap<Target, { readonly check: CallCheck | undefined }>();
  readonly #limits: RateLimits;
  readonly #store: LimitStore;
  readonly #refusals;

  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    store: LimitStore,
    private readonly resilience: ResilienceOptions,
    telemetry: Telemetry,
  ) {
    super(options, storage, reflector);
    this.#limits = rateLimitsOf(resilience.rateLimit);
    this.#store = storage instanceof LimitThrottlerStorage ? store : new ForeignLimitStore(storage);
    this.#refusals = telemetry.counter({
      name: 'rookery_rate_limited_total',
      help: 'Calls refused because of a limit, by target and limit.',
      labels: ['target', 'limit'],
    });
  }

  /** Ordinary routes without a limit of the configuration are no mistake, so nothing warns of them. */
  override async onModuleInit(): Promise<void> {
    const { throttlers } = Array.isArray(this.options) ? { throttlers: this.options } : this.options;
    if (throttlers.length > 0) return super.onModuleInit();
    this.throttlers = [];
    this.commonOptions = {};
  }

  /**
   * What there is to check in calls of a target; `undefined` when nothing bounds them.
   *
   * @throws Error naming class and method, when `@Throttle()` asks for what is not enforced
   */
  prepare(target: Target): CallCheck | undefined {
    const plan = this.resilience.rateLimit.enabled ? limitPlanOf(target, this.#limits) : undefined;
    if (plan === undefined) return undefined;
    return (call) => {
      const requests = plan(call);
      if (requests.length === 0) return undefined;
      const verdict = this.#store.take(requests);
      if (verdict instanceof Promise) return verdict.then((settled) => this.#decide(call, requests, settled));
      return this.#decide(call, requests, verdict);
    };
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const type = context.getType<string>();
    if (type !== MCP_CONTEXT && type !== 'http') return super.canActivate(context);
    const call = callOf(context);
    try {
      await this.#prepared(call.target)?.(call);
    } catch (thrown) {
      if (type !== 'http' || !(thrown instanceof RookeryError)) throw thrown;
      const { res } = this.getRequestResponse(context);
      for (const [name, value] of Object.entries(rateLimitHeaders(thrown.details))) {
        this.setResponseHeader(res, name, value as string);
      }
      throw asHttpException(thrown);
    }
    return true;
  }

  #prepared(target: Target): CallCheck | undefined {
    let prepared = this.#checks.get(target);
    if (prepared === undefined) this.#checks.set(target, (prepared = { check: this.prepare(target) }));
    return prepared.check;
  }

  #decide(call: Call, requests: readonly LimitRequest<NamedRule>[], verdict: LimitVerdict): void {
    if (verdict.allowed) return;
    const rule = ruleOf(requests, verdict);
    this.#refusals.bind({ target: call.target.name, limit: rule.name }).add(1);
    throw refusal(call, rule, verdict);
  }
}

function ruleOf(requests: readonly LimitRequest<NamedRule>[], { request, rule }: LimitRefused): NamedRule {
  return requests[request]?.rules[rule] as NamedRule;
}

function refusal(
  { kind, target }: Call,
  { name, limit, windowMs }: NamedRule,
  { retryAfterMs }: LimitRefused,
): RookeryError {
  const retryAfter = Math.ceil(retryAfterMs / 1000);
  const windowSeconds = windowMs / 1000;
  const what = name.startsWith('principal')
    ? 'calls'
    : name === 'global'
      ? 'calls of all callers'
      : `calls of ${kind} "${target.name}"`;
  const message = `At most ${limit} ${what} are allowed in ${seconds(windowSeconds)}. Try again in ${seconds(retryAfter)}.`;
  return new RookeryError('rate_limited', message, { retryAfter, limit, windowSeconds, remaining: 0, policy: name });
}

function seconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`;
}
