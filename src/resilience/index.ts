export type { Breaker, BreakerPermit, BreakerTrial } from './breaker/breaker.js';
export {
  CircuitBreaker,
  type BreakerSettings,
  type BreakerState,
  type BreakerTakeover,
  type BreakerTransition,
} from './breaker/circuit-breaker.js';
export { CircuitBreakerInterceptor } from './breaker/circuit-breaker.interceptor.js';
export { CircuitBreakers, type BreakerOverrides, type BreakerStatus } from './breaker/circuit-breakers.js';
export { InMemorySharedBreakers } from './breaker/in-memory-shared-breakers.js';
export {
  LONGEST_SHARED_NAME,
  SharedBreakers,
  type BreakerAnswer,
  type BreakerEvent,
  type BreakerReport,
  type SharedBreakersListener,
  type SharedBreakerState,
} from './breaker/shared-breakers.js';
export { ConcurrencyInterceptor } from './concurrency/concurrency.interceptor.js';
export { ConcurrencyLimit, type ConcurrencySettings, type Waiting } from './concurrency/concurrency-limit.js';
export { ConcurrencyLimits, type ConcurrencyStatus, type TargetConcurrency } from './concurrency/concurrency-limits.js';
export { SlotStore, type SlotClaim, type SlotGrant, type SlotNews } from './concurrency/slot-store.js';
export { EventLoopDelay } from './concurrency/event-loop-delay.js';
export { DeadlineInterceptor } from './deadlines/deadline.interceptor.js';
export { DeadlineWheel, type DeadlineWheelOptions } from './deadlines/deadline-wheel.js';
export { TimeoutError } from './deadlines/timeout-error.js';
export { WheelEntry } from './deadlines/timing-wheel.js';
export {
  GuardedLimitStore,
  type GuardedLimitStoreOptions,
  type StoreFailureReaction,
} from './limits/guarded-limit-store.js';
export { InMemoryLimitStore, type InMemoryLimitStoreOptions } from './limits/in-memory-limit-store.js';
export {
  ALLOWED,
  LimitStore,
  type LimitAllowed,
  type LimitRefused,
  type LimitRequest,
  type LimitRule,
  type LimitUsage,
  type LimitVerdict,
} from './limits/limit-store.js';
export { RateLimitGuard } from './limits/rate-limit.guard.js';
export { rateLimitHeaders, type RateLimitHeaders } from './limits/rate-limit-headers.js';
export { PreparedInterceptor, type CallStep } from './prepared-interceptor.js';
export { ResilienceModule, type ResilienceExtras, type ResilienceModuleOptions } from './resilience.module.js';
export {
  ResilienceOptions,
  circuitBreakerOptions,
  limitsOptions,
  rateLimitOptions,
  timeoutsOptions,
  type CircuitBreakerOptions,
  type LimitsOptions,
  type RateLimitOptions,
  type TimeoutsOptions,
} from './resilience.options.js';
export { ResilienceStatus, type LimitStatus } from './resilience-status.js';
