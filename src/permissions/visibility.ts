import { createHash } from 'node:crypto';
import type { Target, TargetRegistries } from '../core/index.js';
import type { EffectiveGrants } from './grants.js';
import { accessRules } from './access-rules.js';

/** What somebody sees of the lists. */
export interface Visibility {
  /** Equal for all who see the same, as long as no registry changes; at most 43 characters. */
  readonly key: string;
  /** Whether a target is listed. Calls are decided in the same way. */
  sees(target: Target): boolean;
}

/** The roles and permissions that decide about what is listed. */
interface Mentions {
  readonly version: number;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

/** Tells who sees the same: who has the same of what the policies of all targets mention. */
export class VisibilityKeys {
  #mentions: Mentions = { version: -1, roles: [], permissions: [] };

  constructor(private readonly targets: TargetRegistries) {}

  /** Moves whenever a registry changes; keys of one version can be compared. */
  get version(): number {
    let version = 0;
    for (const registry of this.targets.all()) version += 1 + registry.version;
    return version;
  }

  keyOf(grants: EffectiveGrants): string {
    const { roles, permissions } = this.#current();
    const held = [
      roles.filter((role) => grants.roles.has(role)),
      permissions.filter((permission) => grants.permissions.has(permission)),
    ];
    return createHash('sha256').update(JSON.stringify(held)).digest('base64url');
  }

  #current(): Mentions {
    const { version } = this;
    if (this.#mentions.version === version) return this.#mentions;
    const roles = new Set<string>();
    const permissions = new Set<string>();
    for (const registry of this.targets.all()) {
      for (const { policy } of registry.list()) {
        const rules = accessRules(policy);
        for (const role of rules.roles) roles.add(role);
        for (const permission of rules.permissions) permissions.add(permission);
      }
    }
    return (this.#mentions = { version, roles: [...roles].toSorted(), permissions: [...permissions].toSorted() });
  }
}
