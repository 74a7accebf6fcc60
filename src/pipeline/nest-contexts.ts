import type { CanActivate } from '@nestjs/common';
import { ApplicationConfig, ExternalContextCreator, type ContextId } from '@nestjs/core';
import { ExternalExceptionFilterContext } from '@nestjs/core/exceptions/external-exception-filter-context.js';
import {
  GuardsConsumer,
  GuardsContextCreator,
  InterceptorsConsumer,
  InterceptorsContextCreator,
  PipesConsumer,
  PipesContextCreator,
  type InstanceWrapper,
} from '@nestjs/core/internal';
import type { EnhancerOptions } from './enhancers.options.js';

/** The container type, which Nest exports under no name of its own. */
type Container = Parameters<typeof ExternalContextCreator.fromContainer>[0];

/** The type Nest gives a handler here and exports under no name of its own. */
type RouterProxyCallback = Parameters<ExternalExceptionFilterContext['create']>[1];

/** An exception handler with the filters of one method. */
type Filters = ReturnType<ExternalExceptionFilterContext['create']>;

/** What Nest finds for one method in one injection context: global, server-wide, class and method enhancers, in order. */
export interface MethodEnhancers {
  readonly guards: readonly CanActivate[];
  /** Absent where there are none. */
  readonly filters: Filters | undefined;
  /** Whether interceptors or pipes stand around the method. */
  readonly wrapped: boolean;
}

/** One server's MCP enhancers beside the application's global ones: instances, and wrappers of request-scoped ones. */
export interface ServerEnhancers {
  readonly instances: { readonly [K in keyof EnhancerOptions]-?: readonly object[] };
  readonly scoped: { readonly [K in keyof EnhancerOptions]-?: readonly InstanceWrapper[] };
}

/**
 * Nest's own machinery for running enhancers around something that is not HTTP, and the only file that reaches into it:
 * `ExternalContextCreator` and the creators it is made of carry no `@publicApi` mark. Its contract test is
 * `enhancers.spec.ts`.
 */
export class NestContexts {
  readonly creator: ExternalContextCreator;
  readonly #guards: GuardsContextCreator;
  readonly #interceptors: InterceptorsContextCreator;
  readonly #pipes: PipesContextCreator;
  readonly #filters: ExternalExceptionFilterContext;

  constructor(original: ExternalContextCreator, server: ServerEnhancers) {
    const { container, guardsContextCreator } = original as unknown as {
      readonly container: Container;
      readonly guardsContextCreator: { readonly config: ApplicationConfig };
    };
    const config = withServerEnhancers(guardsContextCreator.config, server);
    this.#guards = new GuardsContextCreator(container, config);
    this.#interceptors = new InterceptorsContextCreator(container, config);
    this.#pipes = new PipesContextCreator(container, config);
    this.#filters = new ExternalExceptionFilterContext(container, config);
    this.creator = new ExternalContextCreator(
      this.#guards,
      new GuardsConsumer(),
      this.#interceptors,
      new InterceptorsConsumer(),
      container.getModules(),
      this.#pipes,
      new PipesConsumer(),
      this.#filters,
    );
  }

  /** The enhancers of a method as they stand now: a snapshot, so take it once the application is complete. */
  enhancersOf(
    instance: object,
    handler: (...args: unknown[]) => unknown,
    moduleKey: string,
    contextId?: ContextId,
    inquirerId?: string,
  ): MethodEnhancers {
    const where = [instance, handler, moduleKey, contextId, inquirerId] as const;
    const filters = this.#filters.create(instance, handler as RouterProxyCallback, moduleKey, contextId, inquirerId);
    const { filters: custom } = filters as unknown as { readonly filters: readonly unknown[] };
    return {
      guards: this.#guards.create(...where),
      filters: custom.length === 0 ? undefined : filters,
      wrapped: this.#interceptors.create(...where).length > 0 || this.#pipes.create(...where).length > 0,
    };
  }
}

/** The application's configuration as MCP calls see it: the server's own enhancers behind the global ones. */
function withServerEnhancers(config: ApplicationConfig, { instances, scoped }: ServerEnhancers): ApplicationConfig {
  const extended: ApplicationConfig = Object.create(config);
  const join = <T>(own: T[], added: readonly unknown[]): T[] => [...own, ...(added as readonly T[])];
  return Object.assign(extended, {
    getGlobalGuards: () => join(config.getGlobalGuards(), instances.guards),
    getGlobalInterceptors: () => join(config.getGlobalInterceptors(), instances.interceptors),
    getGlobalPipes: () => join(config.getGlobalPipes(), instances.pipes),
    getGlobalFilters: () => join(config.getGlobalFilters(), instances.filters),
    getGlobalRequestGuards: () => join(config.getGlobalRequestGuards(), scoped.guards),
    getGlobalRequestInterceptors: () => join(config.getGlobalRequestInterceptors(), scoped.interceptors),
    getGlobalRequestPipes: () => join(config.getGlobalRequestPipes(), scoped.pipes),
    getGlobalRequestFilters: () => join(config.getGlobalRequestFilters(), scoped.filters),
  });
}
