import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';
import { McpEnhancers } from './enhancers.options.js';
import type { ServerEnhancers } from './nest-contexts.js';

const KINDS = ['guards', 'interceptors', 'pipes', 'filters'] as const;

/** Finds the instances of the enhancers that `forRoot()` was given as classes; request-scoped ones stay wrappers. */
@Injectable()
export class ServerEnhancersResolver {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly options: McpEnhancers,
  ) {}

  /** To be called once providers are instantiated. */
  resolve(): ServerEnhancers {
    const instances = {
      guards: [] as object[],
      interceptors: [] as object[],
      pipes: [] as object[],
      filters: [] as object[],
    };
    const scoped = {
      guards: [] as InstanceWrapper[],
      interceptors: [] as InstanceWrapper[],
      pipes: [] as InstanceWrapper[],
      filters: [] as InstanceWrapper[],
    };
    for (const kind of KINDS) {
      for (const enhancer of this.options[kind]) {
        const wrapper = typeof enhancer === 'function' ? this.#wrapperOf(enhancer) : undefined;
        if (wrapper === undefined) instances[kind].push(enhancer);
        else if (wrapper.isDependencyTreeStatic()) instances[kind].push(wrapper.instance as object);
        else scoped[kind].push(wrapper);
      }
    }
    return { instances, scoped };
  }

  #wrapperOf(type: unknown): InstanceWrapper {
    for (const module of this.modules.values()) {
      const wrapper = module.providers.get(type as never);
      if (wrapper !== undefined) return wrapper;
    }
    throw new Error(
      `The enhancer ${String((type as { readonly name?: unknown }).name)} given to forRoot() is not a provider.`,
    );
  }
}
