import type { AddressInfo, Server } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { InMemoryTransport, type McpServerExtras, type McpServerOptions } from '../../../src/index.js';
import { FixtureModule } from './fixture.module.js';
import type { Endpoint } from './reference-client.js';

/** The ways in which a server can be reached. */
export const HOSTS = ['memory', 'front on Fastify', 'route on Fastify', 'route on Express', 'stdio'] as const;

/** The ways to a server on the wire of `@modelcontextprotocol/sdk`, which speaks the 2025 era only. */
export const SDK_HOSTS = ['sdk, front on Fastify', 'sdk, route on Express', 'sdk, stdio'] as const;

/** One of them. */
export type HostName = (typeof HOSTS | typeof SDK_HOSTS)[number];

/** Those over HTTP. */
export const HTTP_HOSTS = ['front on Fastify', 'route on Fastify', 'route on Express'] as const;

/** A running fixture. */
export interface Host {
  readonly endpoint: Endpoint;
  /** Of a host in this process. */
  readonly app?: INestApplication;
  close(): Promise<void>;
}

const STDIO_SERVER = 'dist-test/test/e2e/support/stdio-server.js';
/** What a framework's own parser takes; a team sets it as it does for its other routes. */
const BODY_LIMIT = 8 * 1_048_576;

/** Starts the fixture. Over stdio nothing runs yet: each client starts a process of its own. */
export async function startHost(name: HostName, options: McpServerOptions = {}): Promise<Host> {
  if (name === 'stdio' || name === 'sdk, stdio') {
    const args = [STDIO_SERVER, adapterOf(name)];
    return { endpoint: { kind: 'stdio', args }, close: () => Promise.resolve() };
  }
  const app = await createApplication(name, options);
  if (name === 'memory') {
    await app.init();
    return { app, endpoint: { kind: 'memory', transport: app.get(InMemoryTransport) }, close: () => app.close() };
  }
  return { app, endpoint: { kind: 'http', url: await listenLocally(app) }, close: () => app.close() };
}

function createApplication(name: HostName, options: McpServerOptions): Promise<INestApplication> {
  const mount: McpServerExtras['mount'] = name.includes('route') ? 'route' : 'front';
  const module = FixtureModule.forRoot({ ...options, mount, adapter: adapterOf(name) });
  if (name.endsWith('Express')) return expressApplication(module);
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT });
  return NestFactory.create<NestFastifyApplication>(module, adapter, { logger: false });
}

function adapterOf(name: HostName): 'native' | 'sdk' {
  return name.startsWith('sdk') ? 'sdk' : 'native';
}

async function expressApplication(module: object): Promise<INestApplication> {
  const options = { logger: false, bodyParser: false } as const;
  const app = await NestFactory.create<NestExpressApplication>(module, new ExpressAdapter(), options);
  return app.useBodyParser('json', { limit: BODY_LIMIT });
}

/** Listens on a free port of this machine alone; resolves with the URL of the endpoint. */
export async function listenLocally(app: INestApplication): Promise<string> {
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `http://127.0.0.1:${port}/mcp`;
}
