import { Injectable } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { markEntryProvider, type TargetMethod } from '../core/index.js';

/**
 * Stands in as the class of targets that have no method: functions registered while serving, nodes, workflows.
 *
 * Nobody injects it: where a global enhancer is request-scoped so are entry providers, and whoever depends on them.
 */
@Injectable()
export class DynamicTargetHost {
  /** What a Nest `ExecutionContext` and parameter metadata call the method. */
  static readonly METHOD = 'run';

  /** This provider as Nest knows it. */
  static in(modules: ModulesContainer): TargetMethod {
    for (const module of modules.values()) {
      const wrapper = module.providers.get(DynamicTargetHost) as TargetMethod['wrapper'] | undefined;
      if (wrapper !== undefined) return { instance: wrapper.instance, wrapper, module };
    }
    throw new Error('DynamicTargetHost is not a provider of this application; import PipelineModule.');
  }
}

markEntryProvider(DynamicTargetHost.prototype, DynamicTargetHost.METHOD);
