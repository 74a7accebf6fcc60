import type { Server as HttpsServer } from 'node:https';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serverOptions, type TlsOptions } from './mcp/index.js';
import { TlsCertificate } from './tls-certificate.js';

/** What of the section `server` concerns the HTTP server itself. */
export interface HttpAdapterOptions {
  readonly tls?: TlsOptions | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
}

const ofTheServer = serverOptions.pick({ tls: true, trustedProxies: true });

/**
 * The HTTP server of a Rookery: with TLS where it is configured, and knowing its proxies. Wrong options count for
 * nothing here: `McpServerModule` gets them too, and names every fault.
 *
 * @throws Error naming the file of `server.tls` that can't be read
 */
export function httpAdapter({ tls, trustedProxies }: HttpAdapterOptions): FastifyAdapter {
  const { data } = ofTheServer.safeParse({ tls, trustedProxies });
  const trustProxy = data !== undefined && data.trustedProxies.length > 0 ? data.trustedProxies : false;
  if (data?.tls === undefined) return new FastifyAdapter({ trustProxy });
  const certificate = new TlsCertificate(data.tls);
  const adapter = new FastifyAdapter({ trustProxy, https: certificate.context() });
  certificate.follow(adapter.getHttpServer<HttpsServer>());
  return adapter;
}
