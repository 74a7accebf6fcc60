import { ForbiddenException, Injectable, type CanActivate } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { ContextIdFactory, ExternalContextCreator, type ContextId } from '@nestjs/core';
import { ExecutionContextHost, Injector, type InstanceWrapper, type Module } from '@nestjs/core/internal';
import { isObservable, lastValueFrom } from 'rxjs';
import { ARGS_METADATA, INPUT_PARAMETER, MCP_CONTEXT, type Call, type Target } from '../core/index.js';
import { DynamicTargetHost } from './dynamic-target-host.js';
import { NestContexts, type MethodEnhancers } from './nest-contexts.js';
import { ServerEnhancersResolver } from './server-enhancers.js';

/** A guard stage that a filter answered for: its value is the call's. */
export interface Answered {
  readonly value: unknown;
}

/** A target's body with the team's enhancers around it, in one injection context. */
interface Bound {
  /** Absent where there are no guards. */
  readonly guard: ((call: Call) => Promise<Answered | undefined>) | undefined;
  readonly run: (call: Call) => unknown;
}

/** A target's guards, and what runs behind validation and cache. */
export interface PreparedBody {
  readonly guard: ((call: Call) => Promise<Answered | undefined>) | undefined;
  readonly run: (call: Call) => Promise<unknown>;
}

type Handler = (...args: unknown[]) => unknown;

interface Host {
  readonly instance: object;
  readonly handler: Handler;
  readonly methodName: string;
  readonly wrapper: InstanceWrapper<object>;
  readonly module: Module;
}

const PARAMETERS = {
  exchangeKeyForValue: (type: number, data: unknown, [input, call]: readonly unknown[]): unknown => {
    if (type !== INPUT_PARAMETER) return call;
    return typeof data === 'string' ? (input as Readonly<Record<string, unknown>>)[data] : input;
  },
};

/**
 * Runs a team's guards, interceptors, pipes and filters on MCP targets: prepared once a target where everything is
 * static, once a call where the host or an enhancer is request-scoped.
 */
@Injectable()
export class TeamEnhancers {
  readonly #injector = new Injector();
  #contexts: NestContexts | undefined;

  constructor(
    private readonly original: ExternalContextCreator,
    private readonly server: ServerEnhancersResolver,
    private readonly dynamic: DynamicTargetHost,
  ) {}

  /** To be called when the application is complete: what is added to it later is not seen. */
  prepare(target: Target): PreparedBody {
    const contexts = this.#nestContexts();
    const host = this.#hostOf(target);
    if (host.wrapper.isDependencyTreeStatic()) {
      const { guard, run } = this.#bind(contexts, host, host.instance);
      return { guard, run: async (call) => run(call) };
    }
    const perCall = new WeakMap<Call, Bound>();
    const boundTo = async (call: Call): Promise<Bound> => {
      let bound = perCall.get(call);
      if (bound === undefined) perCall.set(call, (bound = await this.#bindPerCall(contexts, host, call)));
      return bound;
    };
    return {
      guard: async (call) => (await boundTo(call)).guard?.(call),
      run: async (call) => (await boundTo(call)).run(call),
    };
  }

  #nestContexts(): NestContexts {
    if (this.#contexts === undefined) {
      const enhancers = this.server.resolve();
      this.#contexts = new NestContexts(this.original, enhancers);
      const scoped = Object.values(enhancers.scoped).flat();
      this.#scoped = scoped;
    }
    return this.#contexts;
  }

  #scoped: readonly InstanceWrapper[] = [];
  readonly #extended = new WeakSet<InstanceWrapper>();

  #hostOf(target: Target): Host {
    const { body, origin } = target;
    const host: Host =
      typeof body === 'function'
        ? {
            ...this.dynamic.host(),
            methodName: DynamicTargetHost.METHOD,
            handler: (input, call) => body(input, call as Call),
          }
        : { ...body, methodName: origin.methodName, handler: origin.handler as Handler };
    if (!this.#extended.has(host.wrapper)) {
      this.#extended.add(host.wrapper);
      this.#scoped.forEach((wrapper) => host.wrapper.addEnhancerMetadata(wrapper));
    }
    return host;
  }

  async #bindPerCall(contexts: NestContexts, host: Host, call: Call): Promise<Bound> {
    const contextId = ContextIdFactory.getByRequest(call);
    this.original.registerRequestProvider(call, contextId);
    const { module, wrapper } = host;
    const collection = module.controllers.has(wrapper.token as never) ? module.controllers : module.providers;
    const instance = await this.#injector.loadPerContext<object>(
      host.instance,
      module,
      collection as Parameters<Injector['loadPerContext']>[2],
      contextId,
      wrapper,
    );
    return this.#bind(contexts, host, instance, contextId);
  }

  #bind(contexts: NestContexts, host: Host, instance: object, contextId?: ContextId): Bound {
    const { handler, methodName, module, wrapper } = host;
    const type = instance.constructor;
    const enhancers = contexts.enhancersOf(instance, handler, module.token, contextId, wrapper.id);
    const decorated = Reflect.getMetadata(ROUTE_ARGS_METADATA, type, methodName) as object | undefined;
    const guard = guardStep(enhancers, type as Parameters<typeof guardStep>[1], handler);
    if (!enhancers.wrapped && enhancers.filters === undefined && decorated === undefined) {
      return { guard, run: (call) => handler.call(instance, call.input, call) };
    }
    const run = contexts.creator.create(
      instance,
      handler,
      methodName,
      decorated === undefined ? ARGS_METADATA : ROUTE_ARGS_METADATA,
      PARAMETERS,
      contextId,
      wrapper.id,
      { guards: false, interceptors: true, filters: enhancers.filters !== undefined },
      MCP_CONTEXT,
    ) as Handler;
    return { guard, run: (call) => run(call.input, call) };
  }
}

function guardStep(
  { guards, filters }: MethodEnhancers,
  type: ConstructorParameters<typeof ExecutionContextHost>[1],
  handler: Handler,
): Bound['guard'] {
  if (guards.length === 0) return undefined;
  return async (call) => {
    const context = new ExecutionContextHost([call.input, call], type, handler);
    context.setType(MCP_CONTEXT);
    try {
      for (const guard of guards) {
        if (!(await permits(guard, context))) throw new ForbiddenException();
      }
      return undefined;
    } catch (error) {
      if (filters === undefined) throw error;
      return { value: await filters.next(error as Error, context) };
    }
  };
}

async function permits(guard: CanActivate, context: ExecutionContextHost): Promise<boolean> {
  const decision = await guard.canActivate(context);
  return isObservable(decision) ? lastValueFrom(decision) : decision;
}
