import { CacheModule } from '@nestjs/cache-manager';
import {
  ConfigurableModuleBuilder,
  Module,
  Optional,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { z } from 'zod';
import { HealthIndicators, PolicyKeys, ServerStatus, Telemetry } from '../core/index.js';
import { CacheBackEnd, openBackEnd, type SharedRedis } from './cache-back-end.js';
import { cacheProbe } from './cache-health.js';
import { defineCacheMetrics } from './cache-metrics.js';
import { defineCachePolicyKeys } from './cache-policy.js';
import type { CacheStoreFactory } from './cache-store-factory.js';
import { CacheOptions, cacheOptions } from './cache.options.js';
import { ToolCache, cacheErrors } from './tool-cache.js';
import { ToolCacheInterceptor } from './tool-cache.interceptor.js';

/** What {@link ToolCacheModule} takes: the section `cache`; everything has a default. */
export type ToolCacheModuleOptions = z.input<typeof cacheOptions>;

/** What must be known before options can be injected. */
export interface ToolCacheExtras {
  /** Opens the store of `backend: 'redis'`: a `RedisCacheStoreFactory`. */
  readonly storeFactory?: CacheStoreFactory | undefined;
  /** The section `redis`, of which `redisUrl` is another name. */
  readonly redis?: SharedRedis | undefined;
}

/** {@link ToolCacheExtras} as it is injected. */
abstract class CacheExtras implements ToolCacheExtras {
  abstract readonly storeFactory: CacheStoreFactory | undefined;
  abstract readonly redis: SharedRedis | undefined;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ToolCacheModuleOptions>()
  .setClassMethodName('forRoot')
  .setExtras<ToolCacheExtras>({ storeFactory: undefined, redis: undefined }, (definition, { storeFactory, redis }) => ({
    ...definition,
    global: true,
    imports: [...(definition.imports ?? []), cacheManager()],
    providers: [...(definition.providers ?? []), { provide: CacheExtras, useValue: { storeFactory, redis } }],
  }))
  .build();

/**
 * The cache. Import it once: tools, resources and prompts with `cacheTtl` or `cacheKey` are cached, {@link ToolCache}
 * removes what is out of date, and `CACHE_MANAGER` of `@nestjs/cache-manager` is a team's to inject, on the same store.
 *
 * @example
 * ```ts
 * ToolCacheModule.forRoot({ maxSize: 10_000, defaultTtl: 600 });
 * ```
 */
@Module({
  providers: [
    { provide: CacheOptions, useFactory: parseOptions, inject: [MODULE_OPTIONS_TOKEN] },
    {
      provide: CacheBackEnd,
      useFactory: (
        options: CacheOptions,
        { storeFactory, redis }: CacheExtras,
        telemetry: Telemetry,
        status?: ServerStatus,
      ) =>
        openBackEnd(options, {
          server: status?.identity.name ?? '',
          redis,
          storeFactory,
          errors: cacheErrors(telemetry),
        }),
      inject: [CacheOptions, CacheExtras, Telemetry, { token: ServerStatus, optional: true }],
    },
    ToolCache,
    ToolCacheInterceptor,
  ],
  exports: [CacheOptions, CacheBackEnd, ToolCache, ToolCacheInterceptor, CacheModule],
})
export class ToolCacheModule extends ConfigurableModuleClass implements OnApplicationBootstrap, OnModuleDestroy {
  #sweeping: NodeJS.Timeout | undefined;

  /** Everything has a default. Wrong options stop the start, with their keys. */
  static override forRoot(options: ToolCacheModuleOptions & ToolCacheExtras = {}): DynamicModule {
    return super.forRoot(options);
  }

  constructor(
    keys: PolicyKeys,
    private readonly options: CacheOptions,
    private readonly backEnd: CacheBackEnd,
    telemetry: Telemetry,
    @Optional() health?: HealthIndicators,
  ) {
    super();
    defineCachePolicyKeys(keys);
    defineCacheMetrics(telemetry, backEnd, options.maxSize);
    if (options.enabled) health?.add(cacheProbe(backEnd));
  }

  onApplicationBootstrap(): void {
    const { memory } = this.backEnd;
    if (memory === undefined) return;
    this.#sweeping = setInterval(() => memory.sweep(), this.options.cleanupInterval * 1000).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#sweeping);
  }
}

function cacheManager(): ReturnType<typeof CacheModule.registerAsync> {
  return CacheModule.registerAsync({
    isGlobal: true,
    useFactory: ({ defaultTtl }: CacheOptions, { keyv }: CacheBackEnd) => ({ stores: [keyv], ttl: defaultTtl * 1000 }),
    inject: [CacheOptions, CacheBackEnd],
  });
}

/** @throws Error listing every fault with its key. */
function parseOptions(options: ToolCacheModuleOptions): CacheOptions {
  const result = cacheOptions.safeParse(options);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${['cache', ...path].join('.')}: ${message}`);
  throw new Error(`ToolCacheModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}
