import type { ArgumentMetadata, CanActivate, PipeTransform, Type } from '@nestjs/common';
import { ApplicationConfig, ExternalContextCreator, ModulesContainer, type ContextId } from '@nestjs/core';
import { ExternalExceptionFilterContext } from '@nestjs/core/exceptions/external-exception-filter-context.js';
import {
  GuardsConsumer,
  GuardsContextCreator,
  InterceptorsConsumer,
  InterceptorsContextCreator,
  PipesConsumer,
  PipesContextCreator,
} from '@nestjs/core/internal';
import { CALL_PARAMETER } from '../core/index.js';
import type { ServerEnhancers } from './server-enhancers.js';

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
    this.creator = new McpContextCreator(
      container.getModules(),
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

/** Nest's creator, which otherwise knows providers only as hosts, and takes every parameter for one that pipes see. */
class McpContextCreator extends ExternalContextCreator {
  constructor(
    private readonly modules: ModulesContainer,
    ...parts: ConstructorParameters<typeof ExternalContextCreator>
  ) {
    super(...parts);
  }

  /** Where a host's own enhancers are found; without it those of a controller's class and methods are skipped. */
  override getContextModuleKey(type: Type | undefined): string {
    const key = super.getContextModuleKey(type);
    if (key !== '' || type === undefined) return key;
    return [...this.modules].find(([, { controllers }]) => controllers.has(type))?.[0] ?? '';
  }

  /** The call is not a value that came from outside: a pipe that sees it would run twice a call. */
  override getParamValue(value: unknown, metadata: ArgumentMetadata, pipes: PipeTransform[]): Promise<unknown> {
    const type: unknown = metadata.type;
    return type === CALL_PARAMETER ? Promise.resolve(value) : super.getParamValue(value, metadata, pipes);
  }
}

/** The application's configuration as MCP calls see it: the server's own enhancers behind all global ones. */
function withServerEnhancers(config: ApplicationConfig, server: ServerEnhancers): ApplicationConfig {
  const extended: ApplicationConfig = Object.create(config);
  const { guards, interceptors, pipes, filters } = server;
  return Object.assign(extended, {
    getGlobalRequestGuards: () => [...config.getGlobalRequestGuards(), ...guards],
    getGlobalRequestInterceptors: () => [...config.getGlobalRequestInterceptors(), ...interceptors],
    getGlobalRequestPipes: () => [...config.getGlobalRequestPipes(), ...pipes],
    getGlobalRequestFilters: () => [...config.getGlobalRequestFilters(), ...filters],
  });
}
