import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { markEntryProvider, type TargetMethod } from '../core/index.js';

/** Stands in as the class of targets that have no method: functions registered while serving, nodes, workflows. */
@Injectable()
export class DynamicTargetHost {
  /** What a Nest `ExecutionContext` and parameter metadata call the method. */
  static readonly METHOD = 'run';

  constructor(private readonly modules: ModulesContainer) {}

  /** This provider as Nest knows it. */
  host(): TargetMethod {
    for (const module of this.modules.values()) {
      const wrapper = module.providers.get(DynamicTargetHost);
      if (wrapper?.instance === this) return { instance: this, wrapper: wrapper as TargetMethod['wrapper'], module };
    }
    throw new Error('DynamicTargetHost is not a provider of this application; import PipelineModule.');
  }
}

markEntryProvider(DynamicTargetHost.prototype, DynamicTargetHost.METHOD);
