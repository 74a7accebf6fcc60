import type { Call, Principal } from '../core/index.js';

/** What a validator knows besides the principal and the resource. */
export interface ResourceContext {
  /** `datasets`. */
  readonly type: string;
  /** `update`. */
  readonly action: string;
  /** Under which id the resource was loaded; `undefined` where a tool gave the resource itself. */
  readonly id?: string | undefined;
  /** The call that is being decided; `undefined` where a tool asks in the course of its own. */
  readonly call?: Call | undefined;
  /** Aborts when the time is over or the caller went away. Pass it to whatever waits. */
  readonly signal: AbortSignal;
}

/**
 * What a class with `@PermissionValidator()` implements. Only `true` permits: a validator that throws, takes too long or
 * returns anything else refuses.
 */
export interface ResourceValidator<Resource = unknown> {
  /** @param principal - of a caller whom nobody knows: id `anonymous`, the roles of anonymous callers, no attributes */
  validate(principal: Principal, resource: Resource, context: ResourceContext): boolean | Promise<boolean>;
}

/** What a class with `@ResourceLoader()` implements. */
export interface ResourceSource<Resource = unknown> {
  /**
   * The resource; `undefined` or `null` when there is none, which refuses the call, as does an error.
   *
   * @param signal - aborts when the time is over or the caller went away
   */
  load(id: string, call: Call, signal: AbortSignal): Resource | undefined | null | Promise<Resource | undefined | null>;
}

/** A validator as a function. */
export type ValidatorFunction<Resource = never> = ResourceValidator<Resource>['validate'];
/** A loader as a function. */
export type LoaderFunction = ResourceSource['load'];

/** Loaders and validators by name. */
export interface NamedParts {
  loader(name: string): LoaderFunction | undefined;
  validator(name: string): ValidatorFunction | undefined;
}
