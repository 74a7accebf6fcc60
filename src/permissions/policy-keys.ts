import type { Call } from '../core/index.js';

/** What a call wants of a resource, found in its validated input. */
export interface ResourceAccess {
  /** `type:action`, like `datasets:update`. */
  readonly permission: string;
  /** Which resource; without it only the roles decide. */
  readonly id?: string | number | undefined;
}

/**
 * Finds the id of the resource in a call's validated input; a string that is not empty, or a number.
 *
 * Declared as a method, so that a function may name the type of its target's input.
 */
export type ResourceIdOf<Input = Readonly<Record<string, unknown>>> = { of(input: Input, call: Call): unknown }['of'];

/** Finds both action and id in a call's validated input, for targets whose action is an argument. */
export type ResourceAccessOf<Input = Readonly<Record<string, unknown>>> = {
  of(input: Input, call: Call): ResourceAccess;
}['of'];

/**
 * What `resourcePermission` may be: `type:action`, judged by roles alone; the same with where the id is found, so that
 * the resource is loaded and its validators are asked; or a function that finds both.
 */
export type ResourcePermissionPolicy =
  string | { readonly permission: string; readonly resource: ResourceIdOf } | ResourceAccessOf;

declare module '../core/target-parts.js' {
  interface Policy {
    /** Every one of these is needed, from the credential itself or from one of its roles. */
    readonly requiredPermissions?: readonly string[] | undefined;
    /** Any one of these is needed. */
    readonly requiredRoles?: readonly string[] | undefined;
    /** What the caller must be permitted to do with a resource: `datasets:update`. */
    readonly resourcePermission?: ResourcePermissionPolicy | undefined;
  }
}
