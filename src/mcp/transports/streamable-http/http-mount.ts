import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { All, Controller, Injectable, Req, Res, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { McpTransportAdapter } from '../../transport-adapter.js';

/** The path of the endpoint. */
export const MCP_PATH = '/mcp';

/** A framework's request and response: Fastify wraps Node's, Express extends them. */
type FrameworkRequest = IncomingMessage & { readonly raw?: IncomingMessage; readonly body?: unknown };
type FrameworkResponse = ServerResponse & { readonly raw?: ServerResponse; hijack?(): void };

/** `transports.http.mount: route`: the endpoint as an ordinary route, behind the application's middleware and parsers. */
@Controller(MCP_PATH)
export class McpController {
  constructor(private readonly wire: McpTransportAdapter) {}

  @All()
  handle(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse): void {
    response.hijack?.();
    this.wire.handle(request.raw ?? request, response.raw ?? response, request.body);
  }
}

/** `transports.http.mount: front`: the endpoint answers before the router sees the request, which saves 40 µs a call. */
@Injectable()
export class FrontMount implements OnApplicationBootstrap {
  constructor(
    private readonly adapters: HttpAdapterHost,
    private readonly wire: McpTransportAdapter,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.adapters.httpAdapter?.getHttpServer() as Server | undefined;
    if (server === undefined) return;
    const listeners = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (isMcpPath(request.url)) this.wire.handle(request, response);
      else for (const listener of listeners) listener.call(server, request, response);
    });
  }
}

function isMcpPath(url: string | undefined): boolean {
  return url === MCP_PATH || (url?.startsWith(`${MCP_PATH}?`) ?? false) || url === `${MCP_PATH}/`;
}
