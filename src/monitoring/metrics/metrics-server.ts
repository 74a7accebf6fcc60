import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, Logger, Optional, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ServerStatus, isLoopback, redactError } from '../../core/index.js';
import { MonitoringSettings, MonitoringSituation } from '../monitoring.settings.js';
import { CONTENT_TYPE } from './exposition.js';
import { MetricsPage } from './metrics-page.js';

/**
 * `/metrics` on `monitoring.metrics.exportPort`, without authentication: who reaches `exportHost` may read it. It answers
 * until everything else has stopped, so that the last state can be read.
 */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('Metrics');
  #server: Server | undefined;

  constructor(
    private readonly page: MetricsPage,
    private readonly settings: MonitoringSettings,
    @Optional() private readonly status?: ServerStatus,
    @Optional() private readonly situation?: MonitoringSituation,
  ) {}

  /** Where it listens; `undefined` while it does not. */
  get url(): string | undefined {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (address === null || address === undefined) return undefined;
    const { exportHost } = this.settings.metrics;
    return `http://${exportHost.includes(':') ? `[${exportHost}]` : exportHost}:${address.port}/metrics`;
  }

  /** @throws Error naming the keys, when nothing can listen there */
  async onApplicationBootstrap(): Promise<void> {
    const { enabled, exportPort, exportHost } = this.settings.metrics;
    if (!enabled || exportPort === undefined || this.situation?.serves === false) return;
    const server = createServer((request, response) => void this.#answer(request, response));
    server.requestTimeout = 10_000;
    server.listen(exportPort, exportHost);
    try {
      await once(server, 'listening');
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      throw new Error(
        `Metrics cannot be served at ${exportHost}:${exportPort} (${reason}): choose another monitoring.metrics.exportPort or exportHost.`,
        { cause },
      );
    }
    server.on('error', (error) =>
      this.#logger.error({ msg: 'the port of the metrics fails', err: redactError(error) }),
    );
    this.#server = server;
    this.status?.listens('metrics', this.url ?? '');
    if (isLoopback(exportHost)) return;
    this.#logger.warn(
      `Whoever reaches ${exportHost}:${exportPort} can read the metrics: nobody is asked who they are.`,
    );
  }

  async onApplicationShutdown(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = url.split('?', 1)[0];
    if (path !== '/metrics') return end(response, 404, 'Metrics are at /metrics.\n');
    if (method !== 'GET' && method !== 'HEAD') return end(response, 405, 'Ask with GET.\n', { allow: 'GET, HEAD' });
    // A page of a browser on this machine has a name for it that is not one of ours.
    if (isLoopback(this.settings.metrics.exportHost) && !isLoopback(hostName(headers.host))) {
      return end(response, 403, 'Only asked for by a name of this machine: localhost, 127.0.0.1 or [::1].\n');
    }
    try {
      end(response, 200, await this.page.bytes(), { 'content-type': CONTENT_TYPE });
    } catch (error) {
      this.#logger.error({ msg: 'the page of metrics could not be written', err: redactError(error) });
      end(response, 500, 'The page could not be written; the log says why.\n');
    }
  }
}

function end(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(body);
}

function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '');
}
