import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { McpTransportAdapter } from '../transport-adapter.js';
import { StdioTransport, type StdioStreams } from './stdio/stdio-transport.js';
import { HttpEndpoint } from './streamable-http/http-endpoint.js';

/** `transports.adapter: native`: our own wire, for every revision. */
@Injectable()
export class NativeAdapter extends McpTransportAdapter {
  override readonly stateless = true;

  constructor(
    private readonly http: HttpEndpoint,
    private readonly stdio: StdioTransport,
  ) {
    super();
  }

  override handle(request: IncomingMessage, response: ServerResponse, parsed?: unknown): void {
    this.http.handle(request, response, parsed);
  }

  override serveStdio(streams: StdioStreams): Promise<void> {
    return this.stdio.serve(streams);
  }
}
