import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';
import type { TargetMethod, TargetOrigin } from './target-parts.js';

/** A decorated method of a provider, with what its decorator stored. */
export interface DiscoveredMethod<Metadata> {
  readonly metadata: Metadata;
  readonly origin: TargetOrigin;
  readonly method: TargetMethod;
}

/** A decorated class of a provider or controller, with what its decorator stored. */
export interface DiscoveredClass<Metadata> {
  readonly metadata: Metadata;
  readonly type: Type;
  /** Of a request-scoped provider only the prototype. */
  readonly instance: object;
  /** Whether there is one instance for all calls, complete once the application is. */
  readonly shared: boolean;
}

/**
 * Finds decorated methods and classes among providers and controllers: the only file that walks Nest's container.
 *
 * Inherited methods count, aliases (`useExisting`) don't, and a request-scoped provider is found like any other.
 */
@Injectable()
export class MethodExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Methods that carry metadata under `key`, in the order of the container. */
  methodsWith<Metadata>(key: string): readonly DiscoveredMethod<Metadata>[] {
    return this.#wrappers().flatMap((wrapper) => this.#methodsOf<Metadata>(wrapper, key));
  }

  /** Classes that carry metadata under `key`; what a test puts in the place of such a class counts too. */
  classesWith<Metadata>(key: string): readonly DiscoveredClass<Metadata>[] {
    return this.#wrappers().flatMap((wrapper) => {
      const instance: unknown = wrapper.instance;
      if (wrapper.isAlias || typeof instance !== 'object' || instance === null) return [];
      const types = [wrapper.token, instance.constructor].filter((type) => typeof type === 'function') as Type[];
      const type = types.find((candidate) => Reflect.hasMetadata(key, candidate));
      if (type === undefined) return [];
      const metadata = Reflect.getMetadata(key, type) as Metadata;
      return [{ metadata, type, instance, shared: wrapper.isDependencyTreeStatic() }];
    });
  }

  #wrappers(): readonly InstanceWrapper<object>[] {
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()];
  }

  #methodsOf<Metadata>(wrapper: InstanceWrapper<object>, key: string): DiscoveredMethod<Metadata>[] {
    const instance: unknown = wrapper.instance;
    const module = wrapper.host;
    if (wrapper.isAlias || module === undefined || typeof instance !== 'object' || instance === null) return [];
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown> | null;
    if (prototype === null || prototype === Object.prototype) return [];
    const type = instance.constructor as Type;
    return this.scanner.getAllMethodNames(prototype).flatMap((methodName) => {
      const handler = prototype[methodName];
      if (typeof handler !== 'function') return [];
      const metadata = Reflect.getMetadata(key, handler) as Metadata | undefined;
      if (metadata === undefined) return [];
      const origin = { type, methodName, handler: handler as TargetOrigin['handler'] };
      return [{ metadata, origin, method: { instance, wrapper, module } }];
    });
  }
}
