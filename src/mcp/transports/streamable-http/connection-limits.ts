import type { Server } from 'node:http';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RefusedRequests, type RefusalByLimit } from '../../limits/refused-requests.js';
import { McpOptions } from '../../mcp.options.js';

/** Errors by which Node refuses a request before anybody sees it. */
const REASONS: Readonly<Record<string, RefusalByLimit>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'header_size',
};

/**
 * How many connections there may be and how long a client may take to send a request: `server.connections`, on the
 * HTTP server of the application. Frameworks set no time for a body, so that a connection could be held open by a byte
 * now and then.
 */
@Injectable()
export class ConnectionLimits implements OnApplicationBootstrap {
  constructor(
    private readonly adapters: HttpAdapterHost,
    private readonly options: McpOptions,
    private readonly refused: RefusedRequests,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.adapters.httpAdapter?.getHttpServer() as Server | undefined;
    if (server === undefined) return;
    const { max, headersTimeoutMs, requestTimeoutMs, idleMs } = this.options.connections;
    server.maxConnections = max;
    server.headersTimeout = headersTimeoutMs;
    server.requestTimeout = requestTimeoutMs;
    server.keepAliveTimeout = idleMs;
    server.on('drop', () => this.refused.count('connections'));
    this.#countErrors(server);
  }

  /** Node answers such a request itself only while nobody listens. */
  #countErrors(server: Server): void {
    if (server.listenerCount('clientError') === 0) return;
    server.on('clientError', (error: NodeJS.ErrnoException) => {
      const reason = REASONS[error.code ?? ''];
      if (reason !== undefined) this.refused.count(reason);
    });
  }
}
