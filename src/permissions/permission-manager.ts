import type { Call, Policy, Principal, Target, TargetRegistries } from '../core/index.js';
import { ALLOWED, refused, type Decision, type Refusal } from './decision.js';
import { explainRules } from './explain-rules.js';
import type { Explanation } from './explanation.js';
import type { EffectiveGrants, Grants } from './grants.js';
import {
  accessRules,
  parseResourcePermission,
  saysWhoMayCall,
  type AccessRules,
  type ResourceAction,
} from './access-rules.js';
import type { ResourceJudge } from './resource-judge.js';
import { VisibilityKeys, type Visibility } from './visibility.js';

/** How the rules are applied. */
export interface PermissionManagerOptions {
  readonly mode: 'enforce' | 'report';
  /** Whether a target that does not say who may call it is for nobody. */
  readonly requirePolicy: boolean;
  /** The roles of callers whom nobody knows. */
  readonly anonymousRoles: readonly string[];
}

interface KnownVisibility {
  readonly version: number;
  readonly visibility: Visibility;
}

/**
 * Decides who may see and do what: all required permissions, and any one of the required roles, and the resource
 * permission (guide, "Permission management").
 *
 * Lists and calls ask here, so that they cannot differ. Decisions are the true ones in every mode; only
 * {@link visibleTo} and the guards know `report`.
 */
export class PermissionManager {
  readonly #rules = new WeakMap<Policy, AccessRules>();
  readonly #keys: VisibilityKeys;
  readonly #visibilities = new WeakMap<Principal, KnownVisibility>();
  readonly #anonymous: Principal;
  #anonymousVisibility: KnownVisibility | undefined;

  constructor(
    private readonly options: PermissionManagerOptions,
    private readonly grants: Grants,
    private readonly judge: ResourceJudge,
    targets: TargetRegistries,
  ) {
    this.#keys = new VisibilityKeys(targets);
    this.#anonymous = { id: 'anonymous', roles: options.anonymousRoles, permissions: [], attributes: {} };
  }

  /** The roles there are. */
  get roles(): readonly string[] {
    return this.grants.roles;
  }

  /** What somebody has in all; nobody has what the anonymous roles give. Computed once a principal. */
  effective(principal: Principal | undefined): EffectiveGrants {
    return this.grants.effective(principal);
  }

  /** The rules of a policy; computed once. */
  rulesOf(policy: Policy): AccessRules {
    let rules = this.#rules.get(policy);
    if (rules === undefined) this.#rules.set(policy, (rules = accessRules(policy)));
    return rules;
  }

  /** Whether calls of a target need a decision at all. */
  restricts({ policy, kind }: Target): boolean {
    const { permissions, roles, resource } = this.rulesOf(policy);
    return permissions.length > 0 || roles.length > 0 || resource !== undefined || this.#withoutPolicy(policy, kind);
  }

  /**
   * Whether something with this policy is listed for somebody: permissions and roles. A resource permission hides it
   * from nobody but callers without a principal.
   */
  visible(principal: Principal | undefined, policy: Policy): Decision {
    const rules = this.rulesOf(policy);
    if (rules.permissions.length > 0 || rules.roles.length > 0) {
      const { permissions, roles } = this.grants.effective(principal);
      for (const permission of rules.permissions) {
        if (!permissions.has(permission)) return this.#lacks(permission, principal);
      }
      if (rules.roles.length > 0 && !rules.roles.some((role) => roles.has(role))) {
        const reason = `one of the roles ${rules.roles.join(', ')} is needed; ${this.#has(principal)}`;
        return refused('requiredRoles', reason);
      }
    }
    if (principal !== undefined || rules.resource === undefined) return ALLOWED;
    return this.allowsSome(undefined, rules);
  }

  /** The same for a target, which must have a policy where that is required. */
  visibleTarget(principal: Principal | undefined, { policy, kind }: Target): Decision {
    if (!this.#withoutPolicy(policy, kind)) return this.visible(principal, policy);
    return refused('requirePolicy', 'the target does not say who may call it, and "requirePolicy" is set');
  }

  /** Whether somebody may take an action on resources of a type, whichever: by a role, or by a permission of that name. */
  allowsResource(principal: Principal | undefined, type: string, action: string): Decision {
    const permission = `${type}:${action}`;
    const { permissions, roles } = this.grants.effective(principal);
    if (permissions.has(permission)) return ALLOWED;
    const granting = this.grants.rolesFor(permission);
    for (const role of roles) {
      if (granting.has(role)) return ALLOWED;
    }
    const sources = [...new Set([...granting, ...this.grants.rolesWith(permission)])];
    // What no role may was perhaps made up by the caller: it is not repeated.
    const what =
      sources.length === 0
        ? 'no role may take this action'
        : `may not ${action} ${type}: it takes one of the roles ${sources.join(', ')}`;
    return refused('resourcePermission', `${what}; ${this.#has(principal)}`);
  }

  /**
   * The same for a policy, before a call's input is known. Where that names the action, any action that some role may
   * take will do.
   */
  allowsSome(principal: Principal | undefined, { resource, resourceAction }: AccessRules): Decision {
    if (resource === undefined) return ALLOWED;
    if (resourceAction !== undefined) {
      return this.allowsResource(principal, resourceAction.type, resourceAction.action);
    }
    if (typeof resource !== 'function') return refused('resourcePermission', 'the policy names no "type:action"');
    const may = this.grants.resourcePermissions.some((permission) => {
      const { type, action } = parseResourcePermission(permission) ?? { type: '', action: '' };
      return this.allowsResource(principal, type, action).allowed;
    });
    return may ? ALLOWED : refused('resourcePermission', `may nothing with any resource; ${this.#has(principal)}`);
  }

  /**
   * Whether somebody may take an action on this very resource: {@link allowsResource}, and every validator of its type.
   * For tools whose resource is found in the course of the call.
   */
  async checkResourcePermission(
    principal: Principal | undefined,
    type: string,
    action: string,
    resource: unknown,
  ): Promise<Decision> {
    const allowed = this.allowsResource(principal, type, action);
    if (!allowed.allowed) return allowed;
    return this.judge.judge({ principal: principal ?? this.#anonymous, type, action }, resource);
  }

  /** The same for a call and the id of a resource, which is loaded. @throws CancelledError when the caller goes away */
  async checkResource(call: Call, { type, action }: ResourceAction, id?: string): Promise<Decision> {
    const allowed = this.allowsResource(call.principal, type, action);
    if (!allowed.allowed || id === undefined) return allowed;
    return this.judge.judgeById({ principal: call.principal ?? this.#anonymous, type, action, call }, id);
  }

  /** Every rule of a target, granted to somebody or not, and by what. */
  explain(principal: Principal | undefined, target: Target): Explanation {
    const visible = this.visibleTarget(principal, target).allowed;
    const rules = explainRules(this.grants, this.judge, principal, this.rulesOf(target.policy));
    const refuses = !visible || rules.some(({ granted }) => granted === false);
    return {
      target: `${target.kind} ${target.name}`,
      principal: principal?.id ?? this.#anonymous.id,
      mode: this.options.mode,
      visible,
      allowed: refuses ? false : rules.some(({ granted }) => granted === undefined) ? undefined : true,
      rules: this.#withoutPolicy(target.policy, target.kind)
        ? [...rules, { rule: 'a policy', granted: false, by: '"requirePolicy" is set and the target has none' }]
        : rules,
    };
  }

  /** What somebody sees of the lists; who sees the same has the same key. Computed once until a registry changes. */
  visibleTo(principal: Principal | undefined): Visibility {
    const known = principal === undefined ? this.#anonymousVisibility : this.#visibilities.get(principal);
    const { version } = this.#keys;
    if (known?.version === version) return known.visibility;
    const fresh = { version, visibility: this.#visibility(principal) };
    if (principal === undefined) this.#anonymousVisibility = fresh;
    else this.#visibilities.set(principal, fresh);
    return fresh.visibility;
  }

  #visibility(principal: Principal | undefined): Visibility {
    if (this.options.mode === 'report') return { key: 'everything', sees: () => true };
    const key = principal === undefined ? 'anonymous' : this.#keys.keyOf(this.grants.effective(principal));
    return { key, sees: (target) => this.visibleTarget(principal, target).allowed };
  }

  #withoutPolicy(policy: Policy, kind: Target['kind']): boolean {
    return this.options.requirePolicy && DECLARED.has(kind) && !saysWhoMayCall(policy);
  }

  #lacks(permission: string, principal: Principal | undefined): Refusal {
    const roles = this.grants.rolesWith(permission);
    const source = roles.length === 0 ? 'no role has it' : `it comes with the roles ${roles.join(', ')}`;
    return refused('requiredPermissions', `permission "${permission}" is missing; ${source}; ${this.#has(principal)}`);
  }

  #has(principal: Principal | undefined): string {
    const roles = [...this.grants.effective(principal).roles];
    const who = principal === undefined ? 'an anonymous caller' : 'the caller';
    return roles.length === 0 ? `${who} has no roles` : `${who} has ${roles.join(', ')}`;
  }
}

/** The kinds whose targets have the policy that somebody declared. */
const DECLARED: ReadonlySet<Target['kind']> = new Set(['tool', 'resource', 'prompt', 'completion', 'subscription']);
