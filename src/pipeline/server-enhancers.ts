import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { InstanceWrapper, type Module } from '@nestjs/core/internal';
import { McpEnhancers, type EnhancerOptions } from './enhancers.options.js';

/** One server's MCP enhancers in the order of `forRoot()`, as Nest knows them. */
export interface ServerEnhancers {
  readonly guards: readonly InstanceWrapper[];
  readonly interceptors: readonly InstanceWrapper[];
  readonly pipes: readonly InstanceWrapper[];
  readonly filters: readonly InstanceWrapper[];
  /** Those of them that are made anew for every call: request-scoped and transient ones. */
  readonly perCall: readonly InstanceWrapper[];
}

/** Finds what Nest made of the enhancers that `forRoot()` was given. */
@Injectable()
export class ServerEnhancersResolver {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly options: McpEnhancers,
  ) {}

  /** To be called once providers are instantiated. */
  resolve(): ServerEnhancers {
    const { providers } = this.#module();
    const perCall: InstanceWrapper[] = [];
    const wrappersOf = (kind: keyof EnhancerOptions): readonly InstanceWrapper[] =>
      this.options[kind].map((enhancer) => {
        const wrapper = providers.get(enhancer as Parameters<typeof providers.get>[0]);
        if (wrapper === undefined) return new InstanceWrapper({ instance: enhancer, isResolved: true });
        if (!wrapper.isTransient && wrapper.isDependencyTreeStatic()) return wrapper;
        perCall.push(wrapper);
        return ownInquirer(wrapper);
      });
    const [guards, interceptors, pipes, filters] = [
      wrappersOf('guards'),
      wrappersOf('interceptors'),
      wrappersOf('pipes'),
      wrappersOf('filters'),
    ];
    return { guards, interceptors, pipes, filters, perCall };
  }

  /** The module that provides what this one is given: a team may provide an enhancer of its own elsewhere too. */
  #module(): Module {
    for (const module of this.modules.values()) if (module.hasProvider(ServerEnhancersResolver)) return module;
    throw new Error('ServerEnhancersResolver is not a provider of this application; import PipelineModule.');
  }
}

/** A transient instance is kept for whoever asks for it: here for the call, whatever target it is called for. */
function ownInquirer(wrapper: InstanceWrapper): InstanceWrapper {
  const getInstanceByContextId: InstanceWrapper['getInstanceByContextId'] = (contextId) =>
    wrapper.getInstanceByContextId(contextId, wrapper.id);
  return Object.create(wrapper, { getInstanceByContextId: { value: getInstanceByContextId } }) as InstanceWrapper;
}
