import { Controller, Get, Injectable, Module, ServiceUnavailableException, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import {
  McpServerModule,
  McpTransportAdapter,
  RookeryLogger,
  RookeryServer,
  ServerStatus,
  createServer,
} from '../../src/index.js';
import { ReadOnlyGuard } from './enhancers.examples.js';
import { AppModule, GreetingTools } from './greeting.tools.examples.js';

//#region fastify
export async function serveOnFastify(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
  app.enableShutdownHooks();
  await app.listen(3000, '127.0.0.1');
  return app;
}
//#endregion

//#region route
@Module({
  imports: [McpServerModule.forRoot({ name: 'greeter', mount: 'route' })],
  providers: [GreetingTools],
})
export class RoutedModule {}
//#endregion

//#region async
@Injectable()
export class Settings {
  readonly greeting = 'Use `greet` when you meet someone.';
}

@Module({ providers: [Settings], exports: [Settings] })
export class SettingsModule {}

@Module({
  imports: [
    McpServerModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: (settings: Settings) => ({ name: 'greeter', instructions: settings.greeting }),
      mount: 'route',
      guards: [ReadOnlyGuard],
    }),
  ],
  providers: [GreetingTools],
})
export class ConfiguredModule {}
//#endregion

//#region create-server
export async function startCalculator(): Promise<() => Promise<void>> {
  const { server, start, stop } = await createServer({ name: 'calculator', port: 3001 });
  await server.registerTool(
    { name: 'add', description: 'Adds two numbers', inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => a + b,
  );
  console.log(`listening on ${await start()}`);
  return stop;
}
//#endregion

//#region stdio
export async function serveOnStdio(): Promise<void> {
  const logger = new RookeryLogger({ level: 'info', format: 'json' });
  const app = await NestFactory.createApplicationContext(AppModule, { logger });
  await app.get(McpTransportAdapter).serveStdio({ input: process.stdin, output: process.stdout });
  await app.close();
}
//#endregion

//#region controller
@Controller()
@UseGuards(ReadOnlyGuard)
export class StatusController {
  constructor(
    private readonly server: RookeryServer,
    private readonly status: ServerStatus,
  ) {}

  @Get('tools')
  tools(): readonly string[] {
    return this.server.tools.map(({ name }) => name);
  }

  @Get('health/ready')
  ready(): { readonly status: string } {
    if (!this.status.ready) throw new ServiceUnavailableException();
    return { status: 'ok' };
  }
}
//#endregion
