import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule, type LoggerService, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logging, RookeryLogger, ServerStatus } from './core/index.js';
import { MCP_PATH, McpOptions } from './mcp/index.js';
import { httpAdapter } from './http-adapter.js';
import { McpServerModule, type McpServerExtras, type McpServerOptions } from './mcp-server.module.js';
import { RookeryServer } from './tools/index.js';

/** What {@link createServer} takes: the module's options, and what else the application consists of. */
export interface CreateServerOptions extends McpServerOptions, McpServerExtras {
  readonly imports?: readonly (Type | DynamicModule)[];
  readonly providers?: readonly Provider[];
  /** @default warnings and worse to stderr */
  readonly logger?: LoggerService | false;
}

/** A server without a module of one's own. */
export interface StandaloneServer {
  /** Register tools, resources and prompts here, before or after the start. */
  readonly server: RookeryServer;
  /** The Nest application, for everything else. */
  readonly app: NestFastifyApplication;
  /** Begins to listen; resolves with the URL of the endpoint. */
  readonly start: () => Promise<string>;
  /** Finishes open calls and stops. */
  readonly stop: () => Promise<void>;
}

@Module({})
class StandaloneModule {}

/**
 * Makes a whole server from options.
 *
 * @example
 * ```ts
 * const { server, start } = await createServer({ name: 'calculator', port: 3000 });
 * await server.registerTool(
 *   { name: 'add', description: 'Adds two numbers', inputSchema: z.object({ a: z.number(), b: z.number() }) },
 *   ({ a, b }) => a + b,
 * );
 * await start();
 * ```
 */
export async function createServer(options: CreateServerOptions = {}): Promise<StandaloneServer> {
  const { imports = [], providers = [], logger, ...rest } = options;
  const root: DynamicModule = {
    module: StandaloneModule,
    imports: [McpServerModule.forRoot(rest), ...imports],
    providers: [...providers],
  };
  const log = logger ?? new RookeryLogger({ level: 'warn', format: 'pretty' });
  const app = await NestFactory.create<NestFastifyApplication>(root, httpAdapter(options), {
    abortOnError: false,
    logger: log,
  });
  if (log instanceof RookeryLogger) app.get(Logging).use(log);
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  await app.init();
  return {
    app,
    server: app.get(RookeryServer),
    start: () => listen(app),
    stop: () => app.close(),
  };
}

/** Listens where the options say; resolves with the URL of the endpoint. */
export async function listen(app: NestFastifyApplication): Promise<string> {
  const { host, port, tls } = app.get(McpOptions);
  await app.listen(port, host);
  const { port: bound } = app.getHttpServer().address() as AddressInfo;
  const url = `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}${MCP_PATH}`;
  app.get(ServerStatus).listens('http', url);
  return url;
}
