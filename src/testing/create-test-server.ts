import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import type { DynamicModule, INestApplication, LoggerService, Provider, Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import {
  InMemoryTransport,
  McpServerModule,
  RookeryServer,
  type McpServerExtras,
  type McpServerOptions,
  type Principal,
} from '../index.js';

/** How the client of a test server reaches it. */
export type TestTransport = 'memory' | 'http';
/** Which era the client speaks. */
export type TestEra = '2026-07-28' | '2025-11-25';

/** What {@link createTestServer} takes: the parts under test, and how the server is set up. */
export interface TestServerOptions {
  readonly imports?: readonly (Type | DynamicModule)[];
  readonly controllers?: readonly Type[];
  readonly providers?: readonly Provider[];
  /** Options of `McpServerModule.forRoot()`. */
  readonly server?: McpServerOptions & McpServerExtras;
  /** @default 'memory' */
  readonly transport?: TestTransport;
  /** @default '2026-07-28' */
  readonly era?: TestEra;
  /** Who the client is; in memory only. @default nobody */
  readonly principal?: Principal;
  /** The API key or token that the client sends; over HTTP only. @default none */
  readonly credential?: string;
  /** Replaces guards or providers before the module is compiled. */
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Last touches before the application starts: `useGlobalPipes` and its kin. */
  readonly configure?: (app: INestApplication) => void;
  /** @default none */
  readonly logger?: LoggerService | false;
}

/** A running server with a connected official client. */
export interface TestServer {
  /** `@modelcontextprotocol/client`, connected. */
  readonly client: Client;
  readonly app: NestFastifyApplication;
  readonly server: RookeryServer;
  /** The endpoint; of a server over HTTP only. */
  readonly url: string;
  /** Another transport to the same server, for a client of your own: in memory for a principal, over HTTP with a credential. */
  readonly newTransport: (who?: Principal | string) => Transport;
  readonly close: () => Promise<void>;
}

/**
 * Starts a real server with the given parts and connects a real client to it.
 *
 * @example
 * ```ts
 * const { client, close } = await createTestServer({ providers: [WeatherTools] });
 * const { content } = await client.callTool({ name: 'forecast', arguments: { city: 'Bern' } });
 * await close();
 * ```
 */
export async function createTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { imports = [], controllers = [], providers = [], transport = 'memory', era = '2026-07-28' } = options;
  const builder = Test.createTestingModule({
    imports: [McpServerModule.forRoot({ name: 'test', version: '0.0.0', ...options.server }), ...imports],
    controllers: [...controllers],
    providers: [...providers],
  });
  const module = await (options.override?.(builder) ?? builder).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
    logger: options.logger ?? false,
  });
  options.configure?.(app);
  const url = transport === 'http' ? await listen(app) : await app.init().then(() => '');
  const memory = app.get(InMemoryTransport);
  const newTransport = (who?: Principal | string): Transport =>
    transport === 'http' ? httpTransport(url, who) : memory.connect(typeof who === 'object' ? who : undefined);
  const client = new Client({ name: 'test-client', version: '0.0.0' }, { versionNegotiation: negotiation(era) });
  await client.connect(newTransport(options.principal ?? options.credential));
  const close = async (): Promise<void> => {
    await client.close();
    await app.close();
  };
  return { client, app, server: app.get(RookeryServer), url, newTransport, close };
}

async function listen(app: NestFastifyApplication): Promise<string> {
  await app.listen(0, '127.0.0.1');
  return `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/mcp`;
}

function httpTransport(url: string, who: unknown): Transport {
  const headers = typeof who === 'string' ? { authorization: `Bearer ${who}` } : {};
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
}

function negotiation(era: TestEra): { readonly mode: 'legacy' | { pin: string } } {
  return { mode: era === '2026-07-28' ? { pin: era } : 'legacy' };
}
