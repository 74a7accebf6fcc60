import { Module, type DynamicModule } from '@nestjs/common';
import { GuideNodeTools } from './guide-node.tools.js';
import type { NodeToolsOptions } from './node-tools.options.js';
import { ProductionNodeTools } from './production-node.tools.js';

const SETS = { none: [], guide: [GuideNodeTools], production: [ProductionNodeTools] } as const;

/** Serves one of the guide's sets of node tools. It needs `NodesModule`. */
@Module({})
export class NodeToolsModule {
  static forRoot({ set = 'none' }: Partial<NodeToolsOptions> = {}): DynamicModule {
    return { module: NodeToolsModule, providers: [...SETS[set]] };
  }
}
