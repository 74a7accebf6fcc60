import { Module, type DynamicModule } from '@nestjs/common';
import {
  AdaptersModule,
  RedisCacheStoreFactory,
  RedisLimitStore,
  SqlAuditModule,
  redisOptions,
  storeOptions,
} from './adapters/index.js';
import { AdminModule } from './admin/index.js';
import { AuditModule, auditOptions } from './audit/index.js';
import { AuthModule, OAuthClientsModule, authOptions, byKeyId, isAuthRequired } from './auth/index.js';
import { ToolCacheModule, cacheOptions } from './cache/index.js';
import { AppConfigModule, type Config } from './config/index.js';
import { ConsoleModule } from './console/index.js';
import { DoctorModule } from './doctor/index.js';
import { AnalyticsModule, analyticsOptions } from './features/analytics/index.js';
import { DatasetsModule, datasetsOptions } from './features/datasets/index.js';
import { FilesModule, filesOptions } from './features/files/index.js';
import { KnowledgeModule, knowledgeOptions } from './features/knowledge/index.js';
import { NodeToolsModule, nodeToolsOptions } from './features/node-tools/index.js';
import { OperationsModule, OperatorAccess, operationsOptions } from './features/operations/index.js';
import { serverOptions, transportsOptions } from './mcp/index.js';
import { McpServerModule } from './mcp-server.module.js';
import { MonitoringModule, monitoringOptions } from './monitoring/index.js';
import { NodesModule, nodesOptions } from './nodes/index.js';
import { PermissionsModule, permissionsOptions } from './permissions/index.js';
import {
  ResilienceModule,
  circuitBreakerOptions,
  limitsOptions,
  rateLimitOptions,
  timeoutsOptions,
} from './resilience/index.js';

/** The sections of the application's configuration, each owned by the folder that it configures. */
export const sections = {
  server: serverOptions,
  transports: transportsOptions,
  auth: authOptions,
  permissions: permissionsOptions,
  audit: auditOptions,
  rateLimit: rateLimitOptions,
  circuitBreaker: circuitBreakerOptions,
  limits: limitsOptions,
  timeouts: timeoutsOptions,
  cache: cacheOptions,
  store: storeOptions,
  redis: redisOptions,
  monitoring: monitoringOptions,
  nodes: nodesOptions,
  nodeTools: nodeToolsOptions,
  knowledge: knowledgeOptions,
  analytics: analyticsOptions,
  operations: operationsOptions,
  datasets: datasetsOptions,
  files: filesOptions,
} as const;

/** The application's configuration, complete. */
export type AppConfig = Config<typeof sections>;

/** Limits that hold over all processes, where Redis is configured. */
const SHARED_LIMITS = { useFactory: (store: RedisLimitStore) => store, inject: [RedisLimitStore] };

/** What the application is told besides its configuration. */
export interface AppSituation {
  /** Whether stdout is the wire, and nothing else may be written there. @default false */
  readonly stdio?: boolean;
  /** Whether the application serves anybody, or runs one command and ends. @default true */
  readonly serves?: boolean;
}

/** Rookery as an application: the server with its policies and features, health and the page at `/`. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig, { stdio = false, serves = true }: AppSituation = {}): DynamicModule {
    const { server, transports, auth, cache, rateLimit, circuitBreaker, limits, timeouts } = config;
    const { knowledge, analytics, operations, datasets, files } = config;
    const { mount, keepAliveMs } = transports.http;
    const authRequired = isAuthRequired(auth);
    return {
      module: AppModule,
      imports: [
        AppConfigModule.forRoot(config),
        AdaptersModule.forRoot({ store: config.store, redis: config.redis, attempts: auth.attempts }),
        SqlAuditModule.forRoot(),
        AuditModule.forRoot({ ...config.audit, stdoutTaken: stdio, authenticated: authRequired }),
        AuthModule.forRoot(auth),
        OAuthClientsModule.forRoot({
          clients: auth.oauthClients,
          encryptionKeys: [...auth.encryptionKeys],
          publicUrl: server.publicUrl,
        }),
        PermissionsModule.forRoot({
          ...config.permissions,
          anonymousRoles: auth.anonymous.roles,
          authRequired,
          requirePolicy: auth.requirePolicy,
        }),
        ResilienceModule.forRoot({
          rateLimit: { ...rateLimit, perUserLimits: byKeyId(rateLimit.perUserLimits, auth.apiKeys) },
          circuitBreaker,
          limits,
          timeouts,
          limitStore: config.redis.url === undefined ? undefined : SHARED_LIMITS,
        }),
        ToolCacheModule.forRoot({ ...cache, redis: config.redis, storeFactory: new RedisCacheStoreFactory() }),
        McpServerModule.forRoot({ ...server, keepAliveMs, mount, adapter: transports.adapter }),
        MonitoringModule.forRoot({ ...config.monitoring, access: OperatorAccess, serves }),
        NodesModule.forRoot(config.nodes),
        ConsoleModule,
        AdminModule,
        DoctorModule.forRoot({ config, sections, serves }),
        KnowledgeModule.forRoot(knowledge),
        AnalyticsModule.forRoot(analytics),
        OperationsModule.forRoot(operations),
        DatasetsModule.forRoot(datasets),
        FilesModule.forRoot(files),
        NodeToolsModule.forRoot(config.nodeTools),
      ],
    };
  }
}
