import { Injectable } from '@nestjs/common';
import { CallGuard, ForbiddenError, type Call, type CallCheck, type Target } from '../core/index.js';
import type { Decision } from './decision.js';
import { Enforcement } from './enforcement.js';
import { PermissionManager } from './permission-manager.js';
import type { ResourcePermissionPolicy } from './policy-keys.js';
import { findAccess } from './resource-access.js';

/**
 * Refuses calls that may not do what they want with a resource: by role first, then, where the input names the resource,
 * by the validators of its type. Completions are decided by role alone. To be run on validated input. The target stays listed; why is in the `cause`.
 */
@Injectable()
export class ResourcePermissionGuard extends CallGuard {
  constructor(
    private readonly permissions: PermissionManager,
    private readonly enforcement: Enforcement,
  ) {
    super();
  }

  override prepare(target: Target): CallCheck | undefined {
    const rules = this.permissions.rulesOf(target.policy);
    const { resource } = rules;
    if (resource === undefined) return undefined;
    const apply = (call: Call, decision: Decision): void =>
      this.enforcement.apply(call, decision, (options) => new ForbiddenError(undefined, options));
    // What is completed has no whole input yet in which a resource could be named.
    if (typeof resource === 'string' || target.kind === 'completion') {
      return (call) => apply(call, this.permissions.allowsSome(call.principal, rules));
    }
    return async (call) => apply(call, await this.#decide(resource, call));
  }

  async #decide(resource: ResourcePermissionPolicy, call: Call): Promise<Decision> {
    const access = findAccess(resource, call);
    if (!('allowed' in access)) return this.permissions.checkResource(call, access, access.id);
    this.enforcement.count('resource_id');
    return access;
  }
}
