import type { Principal } from '../core/index.js';
import type { PermissionsOptions } from './permissions.options.js';

/** What somebody has in all: the credential's own permissions and those of its roles. */
export interface EffectiveGrants {
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string>;
}

/** What the configuration grants to roles. */
export class Grants {
  readonly #permissionsOf: ReadonlyMap<string, readonly string[]>;
  /** `type:action` → the roles that may. */
  readonly #rolesFor: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #effective = new WeakMap<Principal, EffectiveGrants>();
  readonly #anonymous: EffectiveGrants;

  constructor(
    { roles, resourcePermissions }: Pick<PermissionsOptions, 'roles' | 'resourcePermissions'>,
    anonymousRoles: readonly string[] = [],
  ) {
    this.#permissionsOf = new Map(Object.entries(roles));
    const rolesFor = new Map<string, Set<string>>();
    for (const [type, byRole] of Object.entries(resourcePermissions)) {
      for (const [role, actions] of Object.entries(byRole)) {
        for (const action of actions) {
          const permission = `${type}:${action}`;
          rolesFor.set(permission, (rolesFor.get(permission) ?? new Set()).add(role));
        }
      }
    }
    this.#rolesFor = rolesFor;
    this.#anonymous = this.#sum({ roles: anonymousRoles, permissions: [] });
  }

  /** The roles there are. */
  get roles(): readonly string[] {
    return [...this.#permissionsOf.keys()];
  }

  hasRole(role: string): boolean {
    return this.#permissionsOf.has(role);
  }

  /** Every `type:action` that some role is granted, directly or as one of its permissions. */
  get resourcePermissions(): readonly string[] {
    const direct = [...this.#permissionsOf.values()].flat().filter((permission) => permission.includes(':'));
    return [...new Set([...this.#rolesFor.keys(), ...direct])];
  }

  /** Computed once a principal; nobody has what the anonymous roles give. */
  effective(principal: Principal | undefined): EffectiveGrants {
    if (principal === undefined) return this.#anonymous;
    let known = this.#effective.get(principal);
    if (known === undefined) this.#effective.set(principal, (known = this.#sum(principal)));
    return known;
  }

  /** The roles that a permission comes with. */
  rolesWith(permission: string): readonly string[] {
    return this.roles.filter((role) => this.#permissionsOf.get(role)?.includes(permission));
  }

  /** The roles that may take an action on resources of a type. */
  rolesFor(permission: string): ReadonlySet<string> {
    return this.#rolesFor.get(permission) ?? NO_ROLES;
  }

  #sum({ roles, permissions }: Pick<Principal, 'roles' | 'permissions'>): EffectiveGrants {
    const all = new Set(permissions);
    for (const role of roles) this.#permissionsOf.get(role)?.forEach((permission) => all.add(permission));
    return { roles: new Set(roles), permissions: all };
  }
}

const NO_ROLES: ReadonlySet<string> = new Set();
