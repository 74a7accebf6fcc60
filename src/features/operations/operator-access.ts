import { ForbiddenException, Injectable, type ExecutionContext } from '@nestjs/common';
import { McpAuthGuard, MonitoringAccess, PermissionManager, callOf } from '../../index.js';

/**
 * Lets those read metrics and health who have one of the permissions, from the credential itself or from a role: the
 * `access` of `MonitoringModule`. Needs the modules of identity and permissions.
 */
@Injectable()
export class OperatorAccess extends MonitoringAccess {
  constructor(
    private readonly door: McpAuthGuard,
    private readonly permissions: PermissionManager,
  ) {
    super();
  }

  override async check(context: ExecutionContext, permissions: readonly string[]): Promise<void> {
    await this.door.canActivate(context);
    const { principal } = callOf(context);
    const has = (permission: string): boolean =>
      this.permissions.visible(principal, { requiredPermissions: [permission] }).allowed;
    if (permissions.some(has)) return;
    throw new ForbiddenException(
      `This needs the permission ${permissions.join(' or ')}: give it to a role in permissions.roles, or to the key.`,
    );
  }
}
