import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdaptersModule } from '../../../src/adapters/index.js';
import { McpServerModule, McpTool, RookeryLogger, Telemetry, type Call } from '../../../src/index.js';
import { ResilienceModule, ResilienceStatus, type ConcurrencyStatus } from '../../../src/resilience/index.js';
import { listenLocally } from './hosts.js';

/** One of several processes that share slots, in JSON as the first argument. */
export interface SlotServerOptions {
  readonly redis: string;
  /** Where its calls say that they run; they go on when that answers. */
  readonly gate: string;
  readonly limits?: { readonly maxQueue?: number; readonly maxWaitMs?: number };
}

/** What a process tells of its slots. */
export interface SlotReport {
  readonly limits: readonly ConcurrencyStatus[];
  /** Calls that were let in without Redis. */
  readonly local: number;
}

const { redis, gate, limits } = JSON.parse(process.argv[2] ?? '') as SlotServerOptions;

@Injectable()
class SlotTools {
  constructor(
    private readonly status: ResilienceStatus,
    private readonly telemetry: Telemetry,
  ) {}

  @McpTool({ description: 'Runs twice at once.', maxConcurrency: 2 })
  async narrow(_input: object, call: Call): Promise<string> {
    const response = await fetch(gate, { signal: call.signal });
    return await response.text();
  }

  @McpTool({ description: 'Runs twice at once, and is quick.', maxConcurrency: 2 })
  quick(): string {
    return 'done';
  }

  @McpTool({ description: 'Tells of the slots of this process.' })
  report(): object {
    const samples = this.telemetry.samples().filter(({ name }) => name === 'rookery_slots_local_total');
    const report: SlotReport = {
      limits: this.status.concurrency(),
      local: samples.reduce((sum, { value }) => sum + value, 0),
    };
    return report;
  }
}

@Module({
  imports: [
    McpServerModule.forRoot({ name: 'slots', version: '1.0.0', shutdownGraceMs: 500 }),
    AdaptersModule.forRoot({ redis: { url: redis } }),
    // A process that stood still is to judge by its slots, not by how late it is.
    ResilienceModule.forRoot({ limits: { ...limits, eventLoopDelayMs: 0 } }),
  ],
  providers: [SlotTools],
})
class SlotServerModule {}

const app = await NestFactory.create<NestFastifyApplication>(SlotServerModule, new FastifyAdapter(), {
  logger: new RookeryLogger({ level: 'info', format: 'json' }),
});
app.enableShutdownHooks(undefined, { useProcessExit: true });
console.log(`listening on ${await listenLocally(app)}`);
