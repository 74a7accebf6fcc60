import type { Policy } from '../core/index.js';
import type { ResourcePermissionPolicy } from './policy-keys.js';

/** A `type:action`, taken apart. */
export interface ResourceAction {
  readonly type: string;
  readonly action: string;
}

/** `undefined` when the text is not `type:action`. */
export function parseResourcePermission(permission: unknown): ResourceAction | undefined {
  const [, type, action] = (typeof permission === 'string' && /^([^\s:]+):([^\s:]+)$/.exec(permission)) || [];
  return type === undefined || action === undefined ? undefined : { type, action };
}

/** The rules of a policy that are ours, in the form in which they are checked. */
export interface AccessRules {
  readonly permissions: readonly string[];
  readonly roles: readonly string[];
  readonly resource: ResourcePermissionPolicy | undefined;
  /** The part of the resource permission that is known without a call's input. */
  readonly resourceAction: ResourceAction | undefined;
}

/** The rules of a policy. */
export function accessRules({ requiredPermissions, requiredRoles, resourcePermission }: Policy): AccessRules {
  const permission = typeof resourcePermission === 'object' ? resourcePermission.permission : resourcePermission;
  return {
    permissions: requiredPermissions ?? [],
    roles: requiredRoles ?? [],
    resource: resourcePermission,
    resourceAction: parseResourcePermission(permission),
  };
}

/** The keys by which a target says who may call it, whoever enforces them. */
const ACCESS_KEYS = ['requiresAuth', 'requiredScopes', 'requiredPermissions', 'requiredRoles', 'resourcePermission'];

/** Whether a policy says who may call its target; `requiresAuth: false`, which makes it public, counts. */
export function saysWhoMayCall(policy: Policy): boolean {
  const keys: Readonly<Record<string, unknown>> = { ...policy };
  return ACCESS_KEYS.some((key) => keys[key] !== undefined);
}

/** The targets that don't say who may call them. With authentication on, everybody with a credential may. */
export function findTargetsWithoutPolicy<T extends { readonly policy: Policy }>(targets: Iterable<T>): readonly T[] {
  return [...targets].filter(({ policy }) => !saysWhoMayCall(policy));
}
