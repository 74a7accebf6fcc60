import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../../src/app.module.js';
import { readConfig } from '../../../src/bootstrap.js';
import { listen } from '../../../src/create-server.js';
import { httpAdapter } from '../../../src/http-adapter.js';
import { RookeryLogger, RookeryServer } from '../../../src/index.js';
import { ChaosTools } from './chaos.tools.js';
import type { HeldMemory, ProcessState } from './chaos-process.js';

/** What the process knows of itself; not under `/mcp`, so that looking changes nothing that is looked at. */
@Controller('state')
class StateController {
  readonly #loop = monitorEventLoopDelay({ resolution: 5 });

  constructor(private readonly server: RookeryServer) {
    this.#loop.enable();
  }

  @Get()
  state(): ProcessState {
    const metrics = this.server.getMetrics().map(({ name, labels, value, count }) => ({ name, labels, value, count }));
    return { metrics, standstillMs: this.#loop.max / 1_000_000 };
  }

  /** Stops everything for a while. */
  @Get('held')
  held(): HeldMemory {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return { heldBytes: heapUsed + external };
  }
}

/** The whole application, configured like any, and the tools that misbehave. */
const config = readConfig();

@Module({ imports: [AppModule.forRoot(config)], providers: [ChaosTools], controllers: [StateController] })
class ChaosModule {}

const app = await NestFactory.create<NestFastifyApplication>(ChaosModule, httpAdapter(config.server), {
  abortOnError: false,
  logger: new RookeryLogger({ level: 'warn', format: 'json' }),
});
app.enableShutdownHooks(undefined, { useProcessExit: true });
await app.init();
console.log(`listening on ${await listen(app)}`);
