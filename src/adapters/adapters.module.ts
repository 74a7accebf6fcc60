import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import type { z } from 'zod';
import { ApiKeyStore, TokenStoreFactories } from '../auth/index.js';
import {
  AttemptLimiter,
  HealthIndicators,
  SharedPorts,
  SqlConnections,
  Telemetry,
  Tracer,
  type AttemptLimits,
} from '../core/index.js';
import { TaskStoreFactory } from '../mcp/index.js';
import { SharedBreakers, SlotStore } from '../resilience/index.js';
import { RedisSharedBreakers } from './redis/breakers/redis-shared-breakers.js';
import { RedisLimitStore } from './redis/limits/redis-limit-store.js';
import { openRedis } from './redis/open-redis.js';
import { RedisAttemptLimiter } from './redis/redis-attempt-limiter.js';
import { RedisChangeBus } from './redis/redis-change-bus.js';
import { RedisConnection } from './redis/redis-connection.js';
import { RedisSingleUseMarks } from './redis/redis-single-use-marks.js';
import { RedisTokenStore } from './redis/redis-token-store.js';
import { RedisSlotStore } from './redis/slots/redis-slot-store.js';
import { redisOptions, type RedisOptions } from './redis.options.js';
import { AdapterSqlConnections } from './sql-connections.js';
import { SqlApiKeyStore } from './sql/sql-api-key-store.js';
import { SqlTaskStore } from './sql/sql-task-store.js';
import { SqlTokenStore } from './sql/sql-token-store.js';
import { storeOptions } from './store.options.js';

/** What {@link AdaptersModule} takes; everything has a default. */
export interface AdaptersModuleOptions {
  /** The section `store`. */
  readonly store?: z.input<typeof storeOptions> | undefined;
  /** The section `redis`; without `url` nothing of Redis is loaded. */
  readonly redis?: z.input<typeof redisOptions> | undefined;
  /** The limits of `auth.attempts`; with these and Redis, failed attempts are counted for all processes together. */
  readonly attempts?: AttemptLimits | undefined;
}

/**
 * The databases of the server, its Redis when it has one, and what is kept in them.
 *
 * Databases are opened when something asks for them, be it health; Redis is connected at start, but need not be there.
 */
@Module({})
export class AdaptersModule {
  /** @throws Error listing every fault of the options with its key. */
  static forRoot(options: AdaptersModuleOptions = {}): DynamicModule {
    const store = parse('store', storeOptions, options.store);
    const redis = parse('redis', redisOptions, options.redis);
    const providers: FactoryProvider[] = [
      {
        provide: SqlConnections,
        useFactory: (telemetry: Telemetry, tracer: Tracer, health?: HealthIndicators) =>
          new AdapterSqlConnections(store, telemetry, health, tracer),
        inject: [Telemetry, Tracer, HEALTH],
      },
      {
        provide: ApiKeyStore,
        useFactory: (connections: SqlConnections) => new SqlApiKeyStore(connections),
        inject: [SqlConnections],
      },
      {
        provide: TokenStoreFactories,
        useFactory: tokenStores,
        inject: [SqlConnections, { token: RedisConnection, optional: true }],
      },
      {
        provide: TaskStoreFactory,
        useFactory: (connections: SqlConnections) =>
          new TaskStoreFactory((maxTasks) => new SqlTaskStore(connections, maxTasks)),
        inject: [SqlConnections],
      },
      ...(redis.url === undefined ? [] : shared(redis.url, redis)),
      ...(redis.url === undefined || options.attempts === undefined ? [] : [attemptLimiter(options.attempts)]),
    ];
    const exported = providers.map(({ provide }) => provide);
    return { module: AdaptersModule, global: true, providers, exports: exported };
  }
}

/** Where what is opened registers a check of itself. */
const HEALTH = { token: HealthIndicators, optional: true };

/** What processes share by Redis. */
function shared(url: string, options: RedisOptions): FactoryProvider[] {
  return [
    {
      provide: RedisConnection,
      useFactory: async (telemetry: Telemetry, health?: HealthIndicators) => {
        const connection = await openRedis(url, options, telemetry);
        health?.add({ name: 'redis', check: async () => await connection.check() });
        return connection;
      },
      inject: [Telemetry, HEALTH],
    },
    {
      provide: SharedPorts,
      useFactory: (connection: RedisConnection, telemetry: Telemetry): SharedPorts => ({
        changes: new RedisChangeBus(connection, telemetry),
        marks: new RedisSingleUseMarks(connection),
      }),
      inject: [RedisConnection, Telemetry],
    },
    {
      provide: RedisLimitStore,
      useFactory: (connection: RedisConnection) => new RedisLimitStore(connection),
      inject: [RedisConnection],
    },
    {
      provide: SharedBreakers,
      useFactory: (connection: RedisConnection, telemetry: Telemetry) => new RedisSharedBreakers(connection, telemetry),
      inject: [RedisConnection, Telemetry],
    },
    {
      provide: SlotStore,
      useFactory: (connection: RedisConnection, telemetry: Telemetry) => new RedisSlotStore(connection, telemetry),
      inject: [RedisConnection, Telemetry],
    },
  ];
}

function attemptLimiter(limits: AttemptLimits): FactoryProvider {
  return {
    provide: AttemptLimiter,
    useFactory: (connection: RedisConnection, telemetry: Telemetry) =>
      new RedisAttemptLimiter(connection, limits, telemetry),
    inject: [RedisConnection, Telemetry],
  };
}

function tokenStores(connections: SqlConnections, redis?: RedisConnection): TokenStoreFactories {
  return new TokenStoreFactories({
    database: () => new SqlTokenStore(connections),
    ...(redis && { redis: () => new RedisTokenStore(redis) }),
  });
}

function parse<S extends z.ZodType>(section: string, schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${[section, ...path].join('.')}: ${message}`);
  throw new Error(`AdaptersModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}
