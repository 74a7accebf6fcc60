import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { McpAuthGuard } from '../auth/index.js';
import { callOf } from '../core/index.js';
import { PermissionManager } from '../permissions/index.js';

/** What whoever operates the server needs, from the credential itself or from a role. */
export const OPERATE = 'rookery:operate';

/** Lets in who may operate the server, and nobody else: with authentication off, only roles of nobody could permit it. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(
    private readonly door: McpAuthGuard,
    private readonly permissions: PermissionManager,
  ) {}

  /** @throws HttpException 401 with a challenge, 403 naming the permission */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.door.canActivate(context);
    const { principal } = callOf(context);
    const decision = this.permissions.visible(principal, { requiredPermissions: [OPERATE] });
    if (decision.allowed) return true;
    throw new ForbiddenException(
      `This needs the permission ${OPERATE}: give it to a role in permissions.roles, or to the key.`,
    );
  }
}
