import 'reflect-metadata';
import { EventEmitter, once } from 'node:events';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AdaptersModule } from '../../../src/adapters/index.js';
import { AdminModule } from '../../../src/admin/index.js';
import {
  AuditModule,
  AuthModule,
  McpTool,
  MonitoringAccess,
  MonitoringModule,
  PermissionsModule,
  ResilienceModule,
  ToolCacheModule,
  createServer,
  type Call,
} from '../../../src/index.js';

/** One of several processes whose breakers are shared, in JSON as the first argument. */
export interface BreakerServerOptions {
  readonly redis: string;
  /** The API key of who calls and operates. */
  readonly key: string;
}

const END = z.object({ end: z.enum(['fine', 'broken', 'held']) });
type End = z.output<typeof END>;

/** Tools that end as they are told to. */
@Injectable()
class BreakerTools {
  readonly #release = new EventEmitter();
  #held = 0;

  @McpTool({
    description: 'Stays left alone for a minute.',
    inputSchema: END,
    breaker: { failureThreshold: 4, timeoutSeconds: 60, halfOpenMaxCalls: 1 },
  })
  async slow({ end }: End, call: Call): Promise<string> {
    return await this.#end(end, call);
  }

  @McpTool({
    description: 'Is tried again at once.',
    inputSchema: END,
    breaker: { failureThreshold: 4, timeoutSeconds: 0.2, halfOpenMaxCalls: 1 },
  })
  async quick({ end }: End, call: Call): Promise<string> {
    return await this.#end(end, call);
  }

  @McpTool({
    description: 'Is left alone for six seconds by one fault.',
    inputSchema: END,
    breaker: { failureThreshold: 1, timeoutSeconds: 6, halfOpenMaxCalls: 1 },
  })
  async tried({ end }: End, call: Call): Promise<string> {
    return await this.#end(end, call);
  }

  @McpTool({ description: 'How many calls are held, of all tools.', breaker: false })
  held(): number {
    return this.#held;
  }

  @McpTool({ description: 'Lets held calls end.', breaker: false })
  release(): boolean {
    return this.#release.emit('released');
  }

  async #end(end: End['end'], { signal }: Call): Promise<string> {
    if (end === 'broken') throw new Error('broken');
    if (end === 'held') {
      this.#held++;
      await once(this.#release, 'released', { signal }).finally(() => this.#held--);
    }
    return 'fine';
  }
}

/** Metrics are for everybody here. */
class Everybody extends MonitoringAccess {
  override check(): Promise<void> {
    return Promise.resolve();
  }
}

const { redis, key } = JSON.parse(process.argv[2] ?? '') as BreakerServerOptions;

const server = await createServer({
  port: 0,
  imports: [
    AdaptersModule.forRoot({ store: { url: 'memory:' }, redis: { url: redis, commandTimeoutMs: 5_000 } }),
    AuthModule.forRoot({ apiKeys: { operator: { secret: key, roles: ['operator'] } } }),
    PermissionsModule.forRoot({ roles: { operator: ['rookery:operate'] }, authRequired: true }),
    MonitoringModule.forRoot({ access: Everybody, health: { healthCheckInterval: 0 } }),
    // Refusals are to be those of breakers, however busy the machine is.
    ResilienceModule.forRoot({ limits: { eventLoopDelayMs: 0 } }),
    AuditModule.forRoot({}),
    ToolCacheModule.forRoot({}),
    AdminModule,
  ],
  providers: [BreakerTools],
});
console.log(`listening on ${await server.start()}`);
