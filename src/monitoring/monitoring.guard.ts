import {
  ForbiddenException,
  Injectable,
  Optional,
  SetMetadata,
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { MonitoringAccess } from './monitoring-access.js';

const PERMISSIONS = 'rookery:monitoring-permissions';

/** The permissions of which one lets somebody read what a route has. */
export const ReadableWith = (...permissions: readonly string[]): CustomDecorator =>
  SetMetadata(PERMISSIONS, permissions);

/** Asks {@link MonitoringAccess} who may read. */
@Injectable()
export class MonitoringGuard implements CanActivate {
  constructor(@Optional() private readonly access?: MonitoringAccess) {}

  /** @throws HttpException 401 or 403 */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const permissions = Reflect.getMetadata(PERMISSIONS, context.getHandler()) as readonly string[] | undefined;
    if (this.access === undefined) {
      throw new ForbiddenException(
        'Nobody may read this here: give MonitoringModule.forRoot() an `access`, or metrics a port of their own (monitoring.metrics.exportPort).',
      );
    }
    await this.access.check(context, permissions ?? []);
    return true;
  }
}
