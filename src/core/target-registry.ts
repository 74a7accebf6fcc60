import type { Target } from './call.js';
import { describeOrigin, type CallKind } from './target-parts.js';

/** A target found under a name, and the input that the name itself carried (a resource template's variables). */
export interface Found<T extends Target = Target> {
  readonly target: T;
  readonly input?: unknown;
}

/** The targets of one kind. Reading is cheap; whatever is derived from the whole is recomputed when {@link version} moves. */
export abstract class TargetRegistry<T extends Target = Target> {
  abstract readonly kind: CallKind;
  readonly #targets = new Map<string, T>();
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #sorted: readonly T[] | undefined;

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#targets.size;
  }

  /** By name, in an order that is the same in every process and survives additions. */
  list(): readonly T[] {
    return (this.#sorted ??= [...this.#targets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  }

  get(name: string): T | undefined {
    return this.#targets.get(name);
  }

  /** Looks up what a caller names. */
  find(name: string): Found<T> | undefined {
    const target = this.#targets.get(name);
    return target === undefined ? undefined : { target };
  }

  /** @throws Error naming both places, when the name is taken. */
  add(target: T): void {
    const taken = this.#targets.get(target.name);
    if (taken !== undefined) {
      throw new Error(
        `Two ${this.kind}s are named "${target.name}": ${describeOrigin(taken.origin)} and ` +
          `${describeOrigin(target.origin)}. Give one of them another name.`,
      );
    }
    this.#put(target);
  }

  /** @throws Error when there is nothing of that name. */
  replace(target: T): void {
    if (!this.#targets.has(target.name)) {
      throw new Error(`There is no ${this.kind} "${target.name}" to replace; register it first.`);
    }
    this.#put(target);
  }

  /** Whether there was one. Calls under way finish. */
  remove(name: string): boolean {
    const removed = this.#targets.delete(name);
    if (removed) this.#changed();
    return removed;
  }

  /** Hears of every change; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(target: T): void {
    this.#targets.set(target.name, target);
    this.#changed();
  }

  #changed(): void {
    this.#version++;
    this.#sorted = undefined;
    for (const listener of this.#listeners) listener();
  }
}

/** The registries of all kinds, so that the pipeline finds a target without knowing who serves its kind. */
export class TargetRegistries {
  readonly #registries = new Map<CallKind, TargetRegistry>();

  add(registry: TargetRegistry): void {
    this.#registries.set(registry.kind, registry);
  }

  find(kind: CallKind, name: string): Found | undefined {
    return this.#registries.get(kind)?.find(name);
  }

  /** Every registry there is. */
  all(): Iterable<TargetRegistry> {
    return this.#registries.values();
  }
}
