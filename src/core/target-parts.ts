import type { Type } from '@nestjs/common';
import type { InstanceWrapper, Module } from '@nestjs/core/internal';

/** What kinds of things can be called. One pipeline serves them all. */
export type CallKind = 'tool' | 'resource' | 'prompt' | 'completion' | 'subscription' | 'task';

/**
 * What a target's author asks of the pipeline. Modules that enforce a policy add their keys by declaration merging, so
 * that a key nobody enforces cannot be written.
 */
export interface Policy {
  /** Free for a team's own guards and observers. */
  readonly tags?: readonly string[] | undefined;
}

/** Where a target was declared: what a Nest `ExecutionContext` reports, and what messages name. */
export interface TargetOrigin {
  readonly type: Type;
  readonly methodName: string;
  readonly handler: (...args: never[]) => unknown;
}

/** A decorated method, with what is needed to call it through Nest's enhancers. */
export interface TargetMethod {
  /** Of a request-scoped provider only the prototype is to be relied on. */
  readonly instance: object;
  readonly wrapper: InstanceWrapper<object>;
  readonly module: Module;
}

/** `KnowledgeTools.search_knowledge_base`: how messages name the place where a target was declared. */
export function describeOrigin(origin: TargetOrigin): string {
  return `${origin.type.name}.${origin.methodName}`;
}
