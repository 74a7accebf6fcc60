import { Module, type DynamicModule } from '@nestjs/common';
import { AppConfigModule, type Config } from './config/index.js';
import { ConsoleModule } from './console/index.js';
import { AnalyticsModule, analyticsOptions } from './features/analytics/index.js';
import { KnowledgeModule, knowledgeOptions } from './features/knowledge/index.js';
import { OperationsModule, operationsOptions } from './features/operations/index.js';
import { serverOptions, transportsOptions } from './mcp/index.js';
import { McpServerModule } from './mcp-server.module.js';
import { MonitoringModule, monitoringOptions } from './monitoring/index.js';

/** The sections of the application's configuration, each owned by the folder that it configures. */
export const sections = {
  server: serverOptions,
  transports: transportsOptions,
  monitoring: monitoringOptions,
  knowledge: knowledgeOptions,
  analytics: analyticsOptions,
  operations: operationsOptions,
} as const;

/** The application's configuration, complete. */
export type AppConfig = Config<typeof sections>;

/** Rookery as an application: the server with its features, health and the page at `/`. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    const { server, transports, knowledge, analytics, operations } = config;
    const { mount, keepAliveMs } = transports.http;
    return {
      module: AppModule,
      imports: [
        AppConfigModule.forRoot(config),
        McpServerModule.forRoot({ ...server, keepAliveMs, mount, adapter: transports.adapter }),
        MonitoringModule,
        ConsoleModule,
        KnowledgeModule.forRoot(knowledge),
        AnalyticsModule.forRoot(analytics),
        OperationsModule.forRoot(operations),
      ],
    };
  }
}
