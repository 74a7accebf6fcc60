import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  ARGS_METADATA,
  MethodExplorer,
  POLICY_METADATA,
  PolicyKeys,
  TargetRegistries,
  describeOrigin,
  policyOf,
  type Policy,
  type TargetOrigin,
} from '../core/index.js';
import { Grants } from './grants.js';
import { PermissionManager } from './permission-manager.js';
import { PermissionsContext } from './permissions-context.js';
import { listed } from './permissions.options.js';
import { findTargetsWithoutPolicy } from './access-rules.js';
import { POLICY_KEYS, policySchemas } from './policy-schemas.js';
import { ResourceCatalog } from './resource-catalog.js';
import { ResourceJudge } from './resource-judge.js';

/** A policy and where it was declared. */
interface DeclaredPolicy {
  readonly policy: Policy;
  readonly origin: TargetOrigin;
}

/**
 * Keeps a server from starting whose rules name what does not exist, and says which targets nobody protects, or nobody
 * can reach.
 *
 * Policies of targets that are registered later are checked at registration, through {@link PolicyKeys}.
 */
@Injectable()
export class PolicyChecks implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('Permissions');
  readonly #own = new PolicyKeys();
  readonly #reported = new Set<string>();
  readonly #watches: (() => void)[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(
    keys: PolicyKeys,
    private readonly context: PermissionsContext,
    private readonly grants: Grants,
    private readonly permissions: PermissionManager,
    private readonly catalog: ResourceCatalog,
    private readonly explorer: MethodExplorer,
    private readonly targets: TargetRegistries,
    judge: ResourceJudge,
  ) {
    for (const [key, schema] of Object.entries(policySchemas(grants, judge))) {
      keys.define(key, schema);
      this.#own.define(key, schema);
    }
  }

  /** @throws Error listing every fault with its place, and what exists. */
  onApplicationBootstrap(): void {
    const faults = this.faults();
    if (faults.length > 0) {
      throw new Error(`The server cannot start; ${faults.length} permission(s) are wrong:\n- ${faults.join('\n- ')}`);
    }
    this.#report(this.#declaredTargets());
    for (const registry of this.targets.all()) this.#watches.push(registry.onChange(() => this.#reportLater()));
    this.#reportLater();
  }

  onApplicationShutdown(): void {
    for (const stop of this.#watches.splice(0)) stop();
    clearImmediate(this.#scheduled);
  }

  /** Everything that is wrong with the configuration and with the policies that decorators declare; routes included. */
  faults(): readonly string[] {
    const faults = this.context.anonymousRoles
      .filter((role) => !this.grants.hasRole(role))
      .map((role) => `auth.anonymous.roles: there is no role "${role}"; ${listed('the roles', this.grants.roles)}`);
    faults.push(...this.catalog.faults());
    for (const { metadata, type } of this.explorer.classesWith<Policy>(POLICY_METADATA)) {
      faults.push(...this.#faultsOf(metadata, type.name));
    }
    for (const { metadata, origin } of this.explorer.methodsWith<Policy>(POLICY_METADATA)) {
      faults.push(...this.#faultsOf(metadata, describeOrigin(origin)));
    }
    if (this.context.authRequired && this.context.requirePolicy) {
      const message = 'does not say who may call it, and "auth.requirePolicy" is set; give it requiredPermissions, ';
      for (const { origin } of findTargetsWithoutPolicy(this.#declaredTargets())) {
        faults.push(`${describeOrigin(origin)}: ${message}requiredRoles or requiresAuth`);
      }
    }
    // A class that several modules provide is found several times.
    return [...new Set(faults)];
  }

  #faultsOf(policy: Policy, place: string): readonly string[] {
    return this.#own.faultsOf(ownPart(policy)).map((fault) => `${place}: ${fault}`);
  }

  /** Without ordinary routes, which may have a policy but are no targets of MCP. */
  #declaredTargets(): readonly DeclaredPolicy[] {
    return this.explorer
      .methodsWith<Policy>(POLICY_METADATA)
      .filter(({ origin: { type, methodName } }) => Reflect.hasMetadata(ARGS_METADATA, type, methodName))
      .map(({ origin }) => ({ policy: policyOf(origin.type, origin.handler), origin }));
  }

  /** Targets come in bursts, and are reported together. */
  #reportLater(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      // Completions stand under the policy of what they complete.
      const registries = [...this.targets.all()].filter(({ kind }) => kind !== 'completion');
      this.#report(registries.flatMap((registry) => registry.list()));
    });
  }

  #report(targets: readonly DeclaredPolicy[]): void {
    const fresh = targets.filter(({ origin }) => !this.#reported.has(describeOrigin(origin)));
    for (const { origin } of fresh) this.#reported.add(describeOrigin(origin));
    if (this.context.authRequired) this.#reportUnprotected(fresh);
    else this.#reportHidden(fresh);
  }

  #reportUnprotected(targets: readonly DeclaredPolicy[]): void {
    const unprotected = findTargetsWithoutPolicy(targets).map(({ origin }) => describeOrigin(origin));
    if (unprotected.length === 0) return;
    const msg = this.context.requirePolicy
      ? 'targets without a policy are refused to everybody, as auth.requirePolicy is set'
      : 'targets without a policy can be called by everybody who is authenticated; requiresAuth: true says that on purpose';
    this.#logger.warn({ msg, targets: unprotected });
  }

  #reportHidden(targets: readonly DeclaredPolicy[]): void {
    if (this.context.section.mode === 'report') return;
    const hidden = targets.filter(({ policy }) => !this.permissions.visible(undefined, policy).allowed);
    if (hidden.length === 0) return;
    const msg = 'authentication is off: these targets are hidden and refused, unless auth.anonymous.roles grants them';
    this.#logger.warn({ msg, targets: hidden.map(({ origin }) => describeOrigin(origin)) });
  }
}

/** The keys that are checked here; who defines the others checks them. */
function ownPart(policy: Policy): Policy {
  const keys: ReadonlySet<string> = new Set(POLICY_KEYS);
  return Object.fromEntries(Object.entries(policy).filter(([key]) => keys.has(key)));
}
