import {
  ConfigurableModuleBuilder,
  Global,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { z } from 'zod';
import { FileRoots, Telemetry, Tracer } from '../core/index.js';
import { ToolsModule } from '../tools/index.js';
import { AI_NODES } from './ai/ai-nodes.js';
import { ApiSettings } from './api/api-client.js';
import { API_NODES } from './api/api-nodes.js';
import { CODE_NODES } from './code/code-nodes.js';
import { CodeRunners } from './code/code-runners.js';
import { CONTROL_NODES } from './control/control-nodes.js';
import { DATA_NODES } from './data/data-nodes.js';
import { DataSettings } from './data/data.options.js';
import { NodeCatalogue } from './model/node-catalogue.js';
import { NodeEgress } from './model/node-egress.js';
import { NodeFiles } from './model/node-files.js';
import { NodeRunner } from './model/node-runner.js';
import { NodeSecrets } from './model/node-secrets.js';
import { nodesOptions } from './nodes.options.js';
import { NodesSettings } from './nodes.settings.js';
import { NodeToolExplorer } from './tools/node-tool-explorer.js';
import { NodeTools } from './tools/node-tools.js';

/** What {@link NodesModule} takes: the section `nodes`; everything has a default. */
export type NodesModuleOptions = z.input<typeof nodesOptions>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<NodesModuleOptions>({
  moduleName: 'Nodes',
})
  .setClassMethodName('forRoot')
  .build();

/**
 * Nodes: classes with `@WorkflowNode()` as steps of workflows and as tools. Import it once; every such class among the
 * providers of the application is in the catalogue.
 *
 * @example
 * ```ts
 * @Module({ imports: [McpServerModule.forRoot({ name: 'files' }), NodesModule.forRoot({ roots: { data: { path: './data' } } })] })
 * export class AppModule {}
 * ```
 */
@Global()
@Module({
  imports: [ToolsModule],
  providers: [
    { provide: NodesSettings, useFactory: settings, inject: [{ token: MODULE_OPTIONS_TOKEN, optional: true }] },
    {
      provide: NodeSecrets,
      useFactory: ({ options }: NodesSettings) => new NodeSecrets(options.secrets),
      inject: [NodesSettings],
    },
    {
      provide: NodeFiles,
      useFactory: async ({ options }: NodesSettings) => new NodeFiles(await FileRoots.open(options.roots)),
      inject: [NodesSettings],
    },
    {
      provide: ApiSettings,
      useFactory: ({ options }: NodesSettings) => new ApiSettings(options.api),
      inject: [NodesSettings],
    },
    {
      provide: CodeRunners,
      useFactory: ({ options }: NodesSettings) => new CodeRunners(options.code),
      inject: [NodesSettings],
    },
    {
      provide: DataSettings,
      useFactory: ({ options: { data, roots } }: NodesSettings) =>
        new DataSettings(
          data,
          Object.values(roots).map(({ path }) => path),
        ),
      inject: [NodesSettings],
    },
    ...DATA_NODES,
    {
      provide: NodeEgress,
      useFactory: ({ options: { api } }: NodesSettings, telemetry: Telemetry, tracer: Tracer) =>
        new NodeEgress({ allow: api.allow, privateRanges: api.privateRanges, telemetry, tracer }),
      inject: [NodesSettings, Telemetry, Tracer],
    },
    ...API_NODES,
    ...CODE_NODES,
    ...AI_NODES,
    ...CONTROL_NODES,
    NodeCatalogue,
    NodeRunner,
    NodeTools,
    NodeToolExplorer,
  ],
  exports: [NodeCatalogue, NodeRunner, NodeTools, NodeSecrets, NodeFiles],
})
export class NodesModule extends ConfigurableModuleClass implements OnApplicationBootstrap {
  constructor(
    private readonly catalogue: NodeCatalogue,
    private readonly explorer: NodeToolExplorer,
  ) {
    super();
  }

  /** Everything has a default. Wrong options stop the start, with their keys. */
  static override forRoot(options: NodesModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.catalogue.load();
    await this.explorer.explore();
  }
}

/** @throws Error listing every fault with its key. */
function settings(options: NodesModuleOptions = {}): NodesSettings {
  const result = nodesOptions.safeParse(options);
  if (result.success) return new NodesSettings(result.data);
  const faults = result.error.issues.map(({ path, message }) => `- ${['nodes', ...path].join('.')}: ${message}`);
  throw new Error(`NodesModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}
