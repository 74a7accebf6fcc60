import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type Provider } from '@nestjs/common';
import { McpTransportAdapter } from '../transport-adapter.js';
import type { StdioStreams } from '../transports/stdio/stdio-transport.js';
import { HttpDoor } from '../transports/streamable-http/http-door.js';
import { Sdk, loadSdk } from './sdk.js';
import { SdkClients } from './sdk-clients.js';
import { SdkHttp } from './sdk-http.js';
import { SdkStdio } from './sdk-stdio.js';

/** `transports.adapter: sdk`: the wire of `@modelcontextprotocol/sdk`, for the 2025 era; who may come in is ours. */
@Injectable()
export class SdkAdapter extends McpTransportAdapter {
  override readonly stateless = false;

  constructor(
    private readonly door: HttpDoor,
    private readonly http: SdkHttp,
    private readonly stdio: SdkStdio,
  ) {
    super();
  }

  override handle(request: IncomingMessage, response: ServerResponse, parsed?: unknown): void {
    this.door.enter(request, response, parsed, this.http);
  }

  override serveStdio(streams: StdioStreams): Promise<void> {
    return this.stdio.serve(streams);
  }
}

/** Everything that this adapter consists of. The SDK is loaded when they are made. */
export const SDK_ADAPTER: readonly Provider[] = [
  { provide: Sdk, useFactory: () => loadSdk() },
  SdkClients,
  SdkHttp,
  SdkStdio,
  { provide: McpTransportAdapter, useClass: SdkAdapter },
];
