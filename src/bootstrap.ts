import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, sections, type AppConfig, type AppSituation } from './app.module.js';
import { McpAuthGuard } from './auth/index.js';
import {
  environmentCredential,
  loadConfig,
  processSource,
  type ConfigOverrides,
  type ConfigSource,
} from './config/index.js';
import { ServerSummary, landingText } from './console/index.js';
import { Logging, RookeryLogger, type Principal } from './core/index.js';
import { crossChecks } from './cross-checks.js';
import { listen } from './create-server.js';
import { httpAdapter } from './http-adapter.js';
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
  return loadConfig(sections, processSource(overrides), crossChecks);
}

/** Makes the application, everything discovered and prepared; it does not listen yet. */
export async function createApplication(
  config: AppConfig,
  situation: AppSituation = {},
): Promise<NestFastifyApplication> {
  const logger = new RookeryLogger(config.monitoring.logging);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config, situation),
    httpAdapter(config.server),
    {
      abortOnError: false,
      logger,
    },
  );
  app.get(Logging).use(logger);
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  try {
    return await app.init();
  } catch (error) {
    // What was opened is closed: a trail that begins has an end.
    await app.close();
    throw error;
  }
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
  const app = await createApplication(config, { stdio: true });
  try {
    const principal = await environmentPrincipal(app, processSource(overrides));
    await app.get(McpTransportAdapter).serveStdio({ input: process.stdin, output, principal });
  } finally {
    await app.close();
  }
}

/**
 * Who a process acts for: whoever set up its environment put their credential there. That is the client of a pipe, and
 * the user of a command.
 *
 * @returns nobody where there is no credential, or callers need none
 * @throws Error when a credential is there and not accepted
 */
export async function environmentPrincipal(
  app: INestApplicationContext,
  source: ConfigSource,
): Promise<Principal | undefined> {
  const guard = app.get(McpAuthGuard);
  const credential = environmentCredential(source);
  if (!guard.required || credential === undefined) return undefined;
  const found = await guard.authenticateSecret(credential);
  if (found.kind === 'authenticated') return found.principal;
  if (found.kind === 'refused' && found.status !== 401) throw new Error(`ROOKERY_API_KEY: ${found.message}`);
  throw new Error(
    'This configuration does not accept the credential in ROOKERY_API_KEY: it is unknown here, or has ended. Set another.',
  );
}
