import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StdioStreams } from './transports/stdio/stdio-transport.js';

/** What stands between the methods of the protocol and the wire: `transports.adapter` chooses one of them. */
export abstract class McpTransportAdapter {
  /** Whether it serves 2026-07-28, in which every request stands for itself; the revisions before are served by all. */
  abstract readonly stateless: boolean;

  /**
   * Takes one HTTP request to the endpoint and answers it.
   *
   * @param parsed - the body, where a framework in front has read it
   */
  abstract handle(request: IncomingMessage, response: ServerResponse, parsed?: unknown): void;

  /** Serves a pipe until the client closes its end, and what it asked for until then is answered. */
  abstract serveStdio(streams: StdioStreams): Promise<void>;
}
