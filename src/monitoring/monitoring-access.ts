import type { ExecutionContext } from '@nestjs/common';

/**
 * Who may read metrics and the details of health on the main port. The application says it, as identities and
 * permissions are the business of others; without it nobody may.
 */
export abstract class MonitoringAccess {
  /**
   * @param permissions - one of these is enough
   * @throws HttpException 401 or 403, saying what is missing
   */
  abstract check(context: ExecutionContext, permissions: readonly string[]): Promise<void>;
}
