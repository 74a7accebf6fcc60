import type { Target, TargetRegistries } from '../../core/index.js';
import { findTargetsWithoutPolicy } from '../../permissions/index.js';
import type { ResourceTarget } from '../../tools/index.js';

/** What a target asks of its callers. */
export interface TargetPolicy {
  readonly kind: 'tool' | 'resource' | 'prompt';
  readonly name: string;
  /** Of a resource: its URI, or the template of its URIs. */
  readonly uri?: string | undefined;
  readonly requiresAuth?: boolean | undefined;
  readonly requiredScopes?: readonly string[] | undefined;
  readonly requiredRoles?: readonly string[] | undefined;
  readonly requiredPermissions?: readonly string[] | undefined;
  /** `type:action`, or that the arguments name it. */
  readonly resourcePermission?: string | undefined;
  /** Whether it says who may call it at all. */
  readonly hasPolicy: boolean;
}

const KINDS: ReadonlySet<Target['kind']> = new Set<TargetPolicy['kind']>(['tool', 'resource', 'prompt']);

/** What everything that can be called asks for: tools, resources, prompts, each by name. */
export function targetPolicies(registries: TargetRegistries): readonly TargetPolicy[] {
  const targets = [...registries.all()].filter(({ kind }) => KINDS.has(kind)).flatMap((registry) => registry.list());
  const without = new Set(findTargetsWithoutPolicy(targets));
  return targets.map((target) => policyOf(target, !without.has(target)));
}

function policyOf(target: Target, hasPolicy: boolean): TargetPolicy {
  const { requiresAuth, requiredScopes, requiredRoles, requiredPermissions, resourcePermission } = target.policy;
  const access = typeof resourcePermission === 'object' ? resourcePermission.permission : resourcePermission;
  return {
    kind: target.kind as TargetPolicy['kind'],
    name: target.name,
    ...(target.kind === 'resource' && uriOf(target as ResourceTarget)),
    requiresAuth,
    requiredScopes,
    requiredRoles,
    requiredPermissions,
    resourcePermission: typeof access === 'function' ? 'named by the arguments' : access,
    hasPolicy,
  };
}

function uriOf({ options: { uri, uriTemplate } }: ResourceTarget): { readonly uri: string | undefined } {
  return { uri: uri ?? uriTemplate };
}

/** What it asks for, in words. @param authenticated - whether callers have to say who they are */
export function describePolicy(policy: TargetPolicy, authenticated: boolean): string {
  const { requiresAuth, requiredScopes, requiredRoles, requiredPermissions, resourcePermission, hasPolicy } = policy;
  if (!hasPolicy) return authenticated ? 'no policy: any credential' : 'no policy: anybody';
  const parts = [
    requiresAuth === false ? 'public' : undefined,
    requiresAuth === true ? 'a credential' : undefined,
    requiredPermissions &&
      `${requiredPermissions.length > 1 ? 'permissions' : 'permission'} ${requiredPermissions.join(', ')}`,
    requiredRoles && `${requiredRoles.length > 1 ? 'any role of' : 'role'} ${requiredRoles.join(', ')}`,
    requiredScopes && `${requiredScopes.length > 1 ? 'scopes' : 'scope'} ${requiredScopes.join(' ')}`,
    resourcePermission && `resource permission ${resourcePermission}`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
