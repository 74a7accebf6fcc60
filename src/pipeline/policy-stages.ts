import { Inject, Injectable, Optional } from '@nestjs/common';
import { PrincipalGuard, ScopeGuard } from '../auth/index.js';
import { ToolCacheInterceptor } from '../cache/index.js';
import { ResourcePermissionGuard, VisibilityGuard } from '../permissions/index.js';
import { PolicyKeys, type Target } from '../core/index.js';
import {
  CircuitBreakerInterceptor,
  ConcurrencyInterceptor,
  DeadlineInterceptor,
  RateLimitGuard,
} from '../resilience/index.js';
import { guardStage } from './guard-stage.js';
import { interceptorStage } from './interceptor-stage.js';
import type { Stage } from './stage.js';

/** The stages of the policy modules, each doing nothing where its module is not imported. */
@Injectable()
export class PolicyStages {
  /** How long the call may take; from here on every wait races it. */
  readonly deadline: Stage;
  /** Somebody is calling, or the target is public. */
  readonly principal: Stage;
  /** Roles and permissions: the decision that filters the lists. */
  readonly visibility: Stage;
  /** What the caller's access token allows. */
  readonly scopes: Stage;
  readonly rateLimit: Stage;
  /** Resource permissions and validators, on validated input. */
  readonly resourcePermission: Stage;
  /** What an earlier call got, where the target may be cached. A hit has passed everything above. */
  readonly cache: Stage;
  readonly breaker: Stage;
  readonly concurrency: Stage;

  constructor(
    keys: PolicyKeys,
    @Optional() @Inject(DeadlineInterceptor) deadline?: DeadlineInterceptor,
    @Optional() @Inject(PrincipalGuard) principal?: PrincipalGuard,
    @Optional() @Inject(VisibilityGuard) visibility?: VisibilityGuard,
    @Optional() @Inject(ScopeGuard) scopes?: ScopeGuard,
    @Optional() @Inject(RateLimitGuard) rateLimit?: RateLimitGuard,
    @Optional() @Inject(ResourcePermissionGuard) resourcePermission?: ResourcePermissionGuard,
    @Optional() @Inject(ToolCacheInterceptor) cache?: ToolCacheInterceptor,
    @Optional() @Inject(CircuitBreakerInterceptor) breaker?: CircuitBreakerInterceptor,
    @Optional() @Inject(ConcurrencyInterceptor) concurrency?: ConcurrencyInterceptor,
  ) {
    this.deadline = interceptorStage(deadline);
    this.principal = guardStage(principal);
    this.visibility = guardStage(visibility);
    this.scopes = guardStage(scopes);
    this.rateLimit = guardStage(rateLimit);
    this.resourcePermission = guardStage(resourcePermission);
    this.cache = interceptorStage(cache);
    this.breaker = interceptorStage(breaker);
    this.concurrency = interceptorStage(concurrency);
    keys.check((target) => this.#faultsOf(target));
  }

  /** What a stage cannot enforce of what a target asks for: it says so when it gets ready for it. */
  #faultsOf(target: Target): readonly string[] {
    const { deadline, principal, visibility, scopes, rateLimit, resourcePermission, cache, breaker, concurrency } =
      this;
    const stages = [
      deadline,
      principal,
      visibility,
      scopes,
      rateLimit,
      resourcePermission,
      cache,
      breaker,
      concurrency,
    ];
    return stages.flatMap((stage) => {
      try {
        stage(target);
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    });
  }
}
