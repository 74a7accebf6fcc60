import {
  ConfigurableModuleBuilder,
  Logger,
  Module,
  Optional,
  type FactoryProvider,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Provider,
} from '@nestjs/common';
import {
  getOptionsToken,
  getStorageToken,
  type ThrottlerModuleOptions,
  type ThrottlerStorage,
} from '@nestjs/throttler';
import type { z } from 'zod';
import { HealthIndicators, PolicyKeys, Telemetry, redactError } from '../core/index.js';
import { CircuitBreakerInterceptor } from './breaker/circuit-breaker.interceptor.js';
import { breakersProbe } from './breaker/breakers-health.js';
import { CircuitBreakers } from './breaker/circuit-breakers.js';
import { ConcurrencyInterceptor } from './concurrency/concurrency.interceptor.js';
import { ConcurrencyLimits } from './concurrency/concurrency-limits.js';
import { EventLoopDelay } from './concurrency/event-loop-delay.js';
import { DeadlineInterceptor } from './deadlines/deadline.interceptor.js';
import { DeadlineWheel } from './deadlines/deadline-wheel.js';
import { GuardedLimitStore } from './limits/guarded-limit-store.js';
import { InMemoryLimitStore } from './limits/in-memory-limit-store.js';
import { LimitStore } from './limits/limit-store.js';
import { LimitThrottlerStorage } from './limits/limit-throttler-storage.js';
import { RateLimitGuard } from './limits/rate-limit.guard.js';
import { rateLimitsOf } from './limits/rate-limits.js';
import { throttlersOf } from './limits/throttle-metadata.js';
import { definePolicyKeys } from './resilience-policy.js';
import { ResilienceStatus } from './resilience-status.js';
import { ResilienceOptions, resilienceOptions } from './resilience.options.js';

/** What {@link ResilienceModule} takes; everything has a default. The keys are sections of the configuration. */
export type ResilienceModuleOptions = z.input<typeof resilienceOptions>;

/** What must be known before options can be injected. */
export interface ResilienceExtras {
  /** Makes the store that all processes of the server share. @default each process counts for itself */
  readonly limitStore?: Pick<FactoryProvider<LimitStore>, 'useFactory' | 'inject'> | undefined;
  /**
   * A `ThrottlerStorage` of somebody else: limits are kept in it instead, one at a time, and no longer exact.
   *
   * @default one on the store of limits
   */
  readonly throttlerStorage?: ThrottlerStorage | undefined;
}

/** The store as it was configured, before anything stands around it. */
abstract class SharedLimitStore {
  abstract readonly store: LimitStore | undefined;
}

/** The breaker of the shared store, as operators see it. */
const STORE_BREAKER = 'limit-store';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ResilienceModuleOptions>()
  .setClassMethodName('forRoot')
  .setExtras<ResilienceExtras>(
    { limitStore: undefined, throttlerStorage: undefined },
    (definition, { limitStore, throttlerStorage }) => ({
      ...definition,
      global: true,
      providers: [...(definition.providers ?? []), sharedStore(limitStore), routeStorage(throttlerStorage)],
    }),
  )
  .build();

const SERVICES = [
  RateLimitGuard,
  CircuitBreakers,
  CircuitBreakerInterceptor,
  ConcurrencyLimits,
  ConcurrencyInterceptor,
  DeadlineInterceptor,
  ResilienceStatus,
];
const ROUTES = [getOptionsToken(), getStorageToken()];

/**
 * Limits, breakers, deadlines: what keeps calls safe and cheap for each other. Import it once; its stages are used by
 * the pipeline, its guard and interceptors go on controllers too, as does the `ThrottlerGuard` of `@nestjs/throttler`,
 * which counts in the same store.
 */
@Module({
  providers: [
    { provide: ResilienceOptions, useFactory: parseOptions, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: DeadlineWheel, useFactory: makeWheel },
    { provide: EventLoopDelay, useFactory: () => new EventLoopDelay() },
    {
      provide: LimitStore,
      useFactory: makeStore,
      inject: [SharedLimitStore, ResilienceOptions, CircuitBreakers, DeadlineWheel, Telemetry],
    },
    {
      provide: getOptionsToken(),
      useFactory: ({ rateLimit }: ResilienceOptions): ThrottlerModuleOptions => ({
        throttlers: throttlersOf(rateLimitsOf(rateLimit).principal),
      }),
      inject: [ResilienceOptions],
    },
    ...SERVICES,
  ],
  exports: [ResilienceOptions, DeadlineWheel, LimitStore, ...SERVICES, ...ROUTES],
})
export class ResilienceModule extends ConfigurableModuleClass implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    keys: PolicyKeys,
    private readonly options: ResilienceOptions,
    private readonly loop: EventLoopDelay,
    breakers: CircuitBreakers,
    telemetry: Telemetry,
    @Optional() health?: HealthIndicators,
  ) {
    super();
    definePolicyKeys(keys, options);
    const delay = telemetry
      .gauge({
        name: 'rookery_event_loop_delay_seconds',
        help: 'How late the event loop comes by, as a mean over half a second; calls are shed over limits.eventLoopDelayMs.',
        collect: () => delay.set(loop.delayMs / 1000),
      })
      .bind({});
    if (options.circuitBreaker.enabled) health?.add(breakersProbe(breakers));
  }

  onApplicationBootstrap(): void {
    if (this.options.limits.eventLoopDelayMs > 0) this.loop.start();
  }

  onModuleDestroy(): void {
    this.loop.stop();
  }
}

/** @throws Error listing every fault with its key. */
function parseOptions(options: ResilienceModuleOptions): ResilienceOptions {
  const result = resilienceOptions.safeParse(options);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${path.join('.') || '(options)'}: ${message}`);
  throw new Error(`ResilienceModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}

function makeWheel(): DeadlineWheel {
  const logger = new Logger('Deadlines');
  return new DeadlineWheel({
    onError: (error) => logger.error({ msg: 'what a deadline set off has failed', err: redactError(error) }),
  });
}

function sharedStore(configured: ResilienceExtras['limitStore']): Provider {
  if (configured === undefined) return { provide: SharedLimitStore, useValue: { store: undefined } };
  const { useFactory, inject = [] } = configured;
  const make = async (...args: never[]): Promise<SharedLimitStore> => ({ store: await useFactory(...args) });
  return { provide: SharedLimitStore, useFactory: make, inject };
}

function routeStorage(storage: ThrottlerStorage | undefined): Provider {
  if (storage !== undefined) return { provide: getStorageToken(), useValue: storage };
  return {
    provide: getStorageToken(),
    useFactory: (store: LimitStore) => new LimitThrottlerStorage(store),
    inject: [LimitStore],
  };
}

function makeStore(
  { store }: SharedLimitStore,
  { rateLimit }: ResilienceOptions,
  breakers: CircuitBreakers,
  wheel: DeadlineWheel,
  telemetry: Telemetry,
): LimitStore {
  const full = telemetry
    .counter({
      name: 'rookery_limit_table_full_total',
      help: 'Calls that were counted together with those of others, as too many callers were there to count each alone.',
    })
    .bind({});
  const local = new InMemoryLimitStore({ maxKeys: rateLimit.maxKeys, onFull: () => full.add(1) });
  const keys = telemetry
    .gauge({
      name: 'rookery_limit_keys',
      help: 'Callers and targets that the table of limits of this process counts for; rateLimit.maxKeys is the most.',
      collect: () => keys.set(local.size),
    })
    .bind({});
  if (store === undefined) return local;
  const logger = new Logger('RateLimit');
  const { onStoreFailure: reaction, storeTimeoutMs: timeoutMs } = rateLimit;
  return new GuardedLimitStore(store, local, {
    reaction,
    timeoutMs,
    breaker: breakers.local(STORE_BREAKER, { failureThreshold: 3, timeoutSeconds: 1, halfOpenMaxCalls: 1 }),
    wheel,
    telemetry,
    onFailure: (error) =>
      logger.warn({ msg: 'the shared store of limits does not answer', reaction, err: redactError(error) }),
  });
}
