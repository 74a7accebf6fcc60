import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuditModule,
  AuthModule,
  ForbiddenError,
  McpTool,
  MonitoringModule,
  PermissionsModule,
  ResilienceModule,
  ToolCacheModule,
  ToolError,
  createServer,
  type CreateServerOptions,
  type MonitoringModuleOptions,
  type StandaloneServer,
} from '../../../src/index.js';
import { OperationsModule, OperatorAccess } from '../../../src/features/operations/index.js';

/** Keys of who may operate, who may read metrics, and who may do neither. */
export const KEYS = {
  operator: 'rk_operator_b3BlcmF0b3JzIG9ubHkhISE',
  scraper: 'rk_scraper_c2NyYXBlcyBhbGwgZGF5IQ',
  caller: 'rk_caller_c29tZWJvZHkgd2hvIGNhbGxz',
} as const;

@Injectable()
class Tools {
  #runs = 0;

  @McpTool({ description: 'Answers' })
  answer(): string {
    return 'yes';
  }

  @McpTool({ description: 'Says no' })
  refuse(): never {
    throw new ForbiddenError('Not you.');
  }

  @McpTool({ description: 'Cannot' })
  fail(): never {
    throw new ToolError('There is none.');
  }

  @McpTool({ description: 'Breaks', breaker: { failureThreshold: 2 } })
  broken(): never {
    throw new Error('broken inside');
  }

  @McpTool({ description: 'Is too slow', timeoutMs: 20 })
  async slow(): Promise<string> {
    await sleep(1_000, undefined, { ref: false });
    return 'late';
  }

  @McpTool({ description: 'Is asked too often', rateLimit: 1 })
  rare(): string {
    return 'once';
  }

  @McpTool({ description: 'Is kept', cacheTtl: 60 })
  cached(): number {
    return ++this.#runs;
  }

  @McpTool({ description: 'Is hidden', requiredPermissions: ['nobody:has'] })
  hidden(): string {
    return 'seen';
  }
}

/** A server with every policy, its metrics and health; and something to ask it with. */
export interface Monitored {
  readonly standalone: StandaloneServer;
  readonly url: string;
  readonly get: (path: string, key?: string) => Promise<Response>;
}

/** Starts it. `extra` comes on top of the modules of the policies. */
export async function startMonitored(
  monitoring: MonitoringModuleOptions = {},
  extra: Pick<CreateServerOptions, 'imports' | 'providers'> = {},
): Promise<Monitored> {
  const standalone = await createServer({
    port: 0,
    logger: false,
    imports: [
      AuthModule.forRoot({
        apiKeys: {
          operator: { secret: KEYS.operator, roles: ['operator'] },
          scraper: { secret: KEYS.scraper, permissions: ['rookery:metrics'] },
          caller: { secret: KEYS.caller },
        },
      }),
      PermissionsModule.forRoot({ roles: { operator: ['rookery:operate'] }, authRequired: true }),
      AuditModule.forRoot({}),
      ResilienceModule.forRoot({}),
      ToolCacheModule.forRoot({}),
      MonitoringModule.forRoot({ ...monitoring, access: OperatorAccess }),
      OperationsModule.forRoot({}),
      ...(extra.imports ?? []),
    ],
    providers: [Tools, ...(extra.providers ?? [])],
  });
  const url = await standalone.start();
  const get = async (path: string, key?: string): Promise<Response> =>
    await fetch(new URL(path, url), key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });
  return { standalone, url, get };
}
