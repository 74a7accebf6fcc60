import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Caller } from '../core/index.js';
import { CallMetrics } from './call-metrics.js';
import { DynamicTargetHost } from './dynamic-target-host.js';
import { McpEnhancers, type EnhancerOptions } from './enhancers.options.js';
import { Invoker } from './invoker.js';
import { PipelineCaller } from './pipeline-caller.js';
import { PolicyStages } from './policy-stages.js';
import { ServerEnhancersResolver } from './server-enhancers.js';
import { TeamEnhancers } from './team-enhancers.js';

/** The pipeline of this server. Global: everything that calls injects {@link Caller}. */
@Module({})
export class PipelineModule {
  static forRoot({ guards = [], interceptors = [], pipes = [], filters = [] }: EnhancerOptions = {}): DynamicModule {
    const options: McpEnhancers = { guards, interceptors, pipes, filters };
    const classes = [guards, interceptors, pipes, filters].flat().filter((enhancer) => typeof enhancer === 'function');
    return {
      module: PipelineModule,
      global: true,
      providers: [
        { provide: McpEnhancers, useValue: options },
        ...(classes as Provider[]),
        DynamicTargetHost,
        ServerEnhancersResolver,
        TeamEnhancers,
        PolicyStages,
        Invoker,
        CallMetrics,
        { provide: Caller, useClass: PipelineCaller },
      ],
      exports: [Caller],
    };
  }
}
