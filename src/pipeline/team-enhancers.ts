import { ForbiddenException, Injectable, type CanActivate } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { ContextIdFactory, ExternalContextCreator, ModulesContainer, type ContextId } from '@nestjs/core';
import { ExecutionContextHost, Injector, type InstanceWrapper, type Module } from '@nestjs/core/internal';
import { isObservable, lastValueFrom } from 'rxjs';
import { SharedCall } from '../cache/index.js';
import { ARGS_METADATA, INPUT_PARAMETER, MCP_CONTEXT, adopted, type Call, type Target } from '../core/index.js';
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
  /** Returns a value or a promise of it, and may throw. */
  readonly run: (call: Call) => unknown;
}

type Handler = (...args: unknown[]) => unknown;

/** What does not depend on the target, prepared with the first one. */
interface Prepared {
  readonly contexts: NestContexts;
  readonly perCall: readonly InstanceWrapper[];
}

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
  #prepared: Prepared | undefined;

  constructor(
    private readonly original: ExternalContextCreator,
    private readonly server: ServerEnhancersResolver,
    private readonly modules: ModulesContainer,
  ) {}

  /** To be called when the application is complete: what is added to it later is not seen. */
  prepare(target: Target): PreparedBody {
    const { contexts, perCall } = this.#nest();
    const host = this.#hostOf(target);
    if (perCall.length === 0 && !host.wrapper.isTransient && host.wrapper.isDependencyTreeStatic()) {
      const { guard, run } = this.#bind(contexts, host, host.instance);
      return { guard, run: (call) => adopted(run(call)) };
    }
    const bounds = new WeakMap<Call, Bound>();
    const boundTo = async (call: Call): Promise<Bound> => {
      const owner = call instanceof SharedCall ? call.first : call;
      let bound = bounds.get(owner);
      if (bound === undefined) bounds.set(owner, (bound = await this.#bindPerCall(host, owner)));
      return bound;
    };
    return {
      guard: async (call) => (await boundTo(call)).guard?.(call),
      run: async (call) => (await boundTo(call)).run(call),
    };
  }

  #nest(): Prepared {
    if (this.#prepared === undefined) {
      const enhancers = this.server.resolve();
      this.#prepared = { contexts: new NestContexts(this.original, enhancers), perCall: enhancers.perCall };
    }
    return this.#prepared;
  }

  #hostOf({ body, origin }: Target): Host {
    if (typeof body !== 'function') {
      return { ...body, methodName: origin.methodName, handler: origin.handler as Handler };
    }
    const handler: Handler = (input, call) => body(input, call as Call);
    return { ...DynamicTargetHost.in(this.modules), methodName: DynamicTargetHost.METHOD, handler };
  }

  async #bindPerCall(host: Host, call: Call): Promise<Bound> {
    const { contexts, perCall } = this.#nest();
    const contextId = ContextIdFactory.getByRequest(call);
    this.original.registerRequestProvider(call, contextId);
    for (const wrapper of perCall) await this.#load(wrapper, contextId);
    const instance = await this.#load(host.wrapper, contextId);
    return this.#bind(contexts, host, instance, contextId);
  }

  #load(wrapper: InstanceWrapper, contextId: ContextId): Promise<object> {
    const { host: module, token } = wrapper as InstanceWrapper & { readonly host: Module };
    const collection = module.controllers.has(token as never) ? module.controllers : module.providers;
    return this.#injector.loadPerContext<object>(
      wrapper.instance as object,
      module,
      collection as Parameters<Injector['loadPerContext']>[2],
      contextId,
      wrapper,
    );
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
