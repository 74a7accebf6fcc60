import { Injectable } from '@nestjs/common';
import { CallGuard, UnknownTargetError, type CallCheck, type Target } from '../core/index.js';
import { Enforcement } from './enforcement.js';
import { PermissionManager } from './permission-manager.js';

/**
 * Refuses calls of what the lists don't show to the caller, exactly as if it did not exist. Why is in the `cause`, for
 * the audit.
 */
@Injectable()
export class VisibilityGuard extends CallGuard {
  constructor(
    private readonly permissions: PermissionManager,
    private readonly enforcement: Enforcement,
  ) {
    super();
  }

  override prepare(target: Target): CallCheck | undefined {
    if (!this.permissions.restricts(target)) return undefined;
    return (call) => {
      const decision = this.permissions.visibleTarget(call.principal, target);
      if (decision.allowed) return;
      this.enforcement.apply(call, decision, (options) => new UnknownTargetError(call.kind, call.name, options));
    };
  }
}
