import { randomUUID } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import { AdaptersModule, RedisLimitStore } from '../../src/adapters/index.js';
import { ToolCacheModule } from '../../src/cache/index.js';
import {
  AuditModule,
  AuthModule,
  MonitoringModule,
  type MonitoringModuleOptions,
  PermissionsModule,
  ResilienceModule,
  type Policy,
} from '../../src/index.js';
import { type Callers, role } from './credentials.js';
import type { Feature } from './features.js';

/** What the policies of a measured server are made from. */
export interface PolicySettings {
  readonly features: ReadonlySet<Feature>;
  readonly callers: Callers | undefined;
  /** Where audit records go. */
  readonly auditFile: string;
  /** Where limits are kept, when not in memory. */
  readonly redisUrl: string | undefined;
  /** Where spans go. */
  readonly collectorUrl: string | undefined;
}

const permission = 'echo:call';

/** Calls in any minute: 20,000 a second of everybody, and 100 a second of each caller, whose burst is as much. */
const everybody = 1_200_000;
const each = { requestsPerMinute: 6_000, burstSize: 100 };
/** Callers of whom nobody knows who they are come from one address. */
const together = { requestsPerMinute: everybody, burstSize: 100_000 };

/** What this server keeps in Redis is not what one before it has left there: proofs open breakers, which are shared. */
function alone(url: string): DynamicModule {
  return AdaptersModule.forRoot({ redis: { url, keyPrefix: `bench:${randomUUID()}:` } });
}

/** The modules of the features, with nothing of another feature. */
export function modulesOf(settings: PolicySettings): readonly DynamicModule[] {
  const { features: on, callers, auditFile, redisUrl } = settings;
  return [
    ...(redisUrl === undefined ? [] : [alone(redisUrl)]),
    ...(on.has('audit') ? [AuditModule.forRoot({ sinks: [{ type: 'file', path: auditFile }] })] : []),
    ...(callers === undefined ? [] : [AuthModule.forRoot(callers.auth)]),
    ...(on.has('permissions')
      ? [
          PermissionsModule.forRoot({
            roles: { [role]: [permission] },
            anonymousRoles: callers === undefined ? [role] : [],
            authRequired: callers !== undefined,
          }),
        ]
      : []),
    ...(resilience.some((feature) => on.has(feature)) ? [resilienceModule(settings)] : []),
    ...(on.has('cache') ? [ToolCacheModule.forRoot()] : []),
    ...(on.has('metrics') || on.has('tracing') ? [MonitoringModule.forRoot(monitoringOf(settings))] : []),
  ];
}

/** The page of metrics has a port of its own, where those who prove that it is there need no permission. */
function monitoringOf(settings: PolicySettings): MonitoringModuleOptions {
  const metrics = settings.features.has('metrics') && { metrics: { exportPort: 0 } };
  return { ...metrics, tracing: tracingOf(settings) };
}

/** A tenth of the calls is recorded, where any is. */
function tracingOf({ features: on, collectorUrl }: PolicySettings): NonNullable<MonitoringModuleOptions['tracing']> {
  return on.has('tracing') ? { enabled: true, endpoint: collectorUrl, sampleRate: 0.1 } : { enabled: false };
}

/** What the echo tool asks of the features. */
export function policyOf({ features: on, callers }: PolicySettings): Policy {
  return {
    ...(on.has('permissions') && { requiredPermissions: [permission] }),
    ...(on.has('limits') && { rateLimit: callers === undefined ? together : each }),
    ...(on.has('concurrency') && { maxConcurrency: 100 }),
    // Long enough to be found again, by whoever calls again with the same text.
    ...(on.has('cache') && { cacheTtl: 60 }),
  };
}

const resilience = ['concurrency', 'deadline', 'limits', 'breaker'] as const satisfies readonly Feature[];

function resilienceModule({ features: on, callers, redisUrl }: PolicySettings): DynamicModule {
  const perCaller = callers === undefined ? together : each;
  return ResilienceModule.forRoot({
    rateLimit: on.has('limits') ? { ...perCaller, globalRequestsPerMinute: everybody } : { enabled: false },
    circuitBreaker: { enabled: on.has('breaker') },
    timeouts: on.has('deadline') ? {} : { defaultMs: 0 },
    limitStore:
      redisUrl === undefined ? undefined : { useFactory: (store: RedisLimitStore) => store, inject: [RedisLimitStore] },
  });
}
