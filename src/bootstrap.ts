import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, sections, type AppConfig } from './app.module.js';
import { loadConfig, processSource, type ConfigOverrides } from './config/index.js';
import { ServerSummary, landingText } from './console/index.js';
import { RookeryLogger } from './core/index.js';
import { listen } from './create-server.js';
import { McpTransportAdapter, reserveStdout } from './mcp/index.js';

/** How the application is started. */
export interface StartOptions {
  readonly transport: 'http' | 'stdio';
  /** What the command line adds to the configuration. */
  readonly overrides?: ConfigOverrides;
}

/**
 * Reads the configuration of this process.
 *
 * @throws ConfigurationError listing every fault with its path
 */
export function readConfig(overrides: ConfigOverrides = {}): AppConfig {
  return loadConfig(sections, processSource(overrides));
}

/** Makes the application, everything discovered and prepared; it does not listen yet. */
export async function createApplication(config: AppConfig): Promise<NestFastifyApplication> {
  const { level, format } = config.monitoring.logging;
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config), new FastifyAdapter(), {
    abortOnError: false,
    logger: new RookeryLogger({ level, format }),
  });
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  return app.init();
}

/**
 * Starts the application. Over HTTP it says on stdout where it listens and resolves; over stdio it serves the client
 * until that closes its end, and stops.
 *
 * @throws ConfigurationError and whatever keeps the application from starting
 */
export async function startApplication({ transport, overrides = {} }: StartOptions): Promise<void> {
  const config = readConfig(overrides);
  if (transport === 'http') {
    const app = await createApplication(config);
    await listen(app);
    process.stdout.write(`\n${landingText(app.get(ServerSummary).describe())}\n`);
    return;
  }
  const output = reserveStdout();
  const app = await createApplication(config);
  await app.get(McpTransportAdapter).serveStdio({ input: process.stdin, output });
  await app.close();
}
