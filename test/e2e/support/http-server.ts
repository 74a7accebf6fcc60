import 'reflect-metadata';
import { Controller, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RookeryLogger } from '../../../src/index.js';
import { MonitoringModule } from '../../../src/monitoring/index.js';
import { FixtureModule } from './fixture.module.js';
import { Gates } from './gates.js';
import { listenLocally } from './hosts.js';

/** Lets held calls go while the endpoint takes no calls any more. */
@Controller('release')
class ReleaseController {
  constructor(private readonly gates: Gates) {}

  @Post(':key')
  release(@Param('key') key: string): void {
    this.gates.reach(key, 'released');
  }
}

/** The fixture over HTTP with health, in a process of its own; `GRACE_MS` is how long open calls get when it stops. */
@Module({
  imports: [FixtureModule.forRoot({ shutdownGraceMs: Number(process.env['GRACE_MS'] ?? 10_000) }), MonitoringModule],
  controllers: [ReleaseController],
})
class HttpServerModule {}

const app = await NestFactory.create<NestFastifyApplication>(HttpServerModule, new FastifyAdapter(), {
  logger: new RookeryLogger({ level: 'info', format: 'json' }),
});
app.enableShutdownHooks(undefined, { useProcessExit: true });
console.log(`listening on ${await listenLocally(app)}`);
