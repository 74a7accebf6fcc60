import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Principal } from '../../core/index.js';
import type { TabledSession } from '../sessions/session-table.js';
import type { HttpVisit } from '../transports/streamable-http/http-visit.js';
import type { SdkClient } from './sdk-client.js';
import type { SdkEventStore } from './sdk-event-store.js';
import { withCaller } from './sdk-exchange.js';

/** A client over HTTP, from `initialize` to DELETE or long silence: one server and one transport of the SDK's. */
export class SdkSession implements TabledSession {
  lastUsed: number = performance.now();
  #connections = 0;

  constructor(
    readonly id: string,
    readonly client: SdkClient,
    readonly events: SdkEventStore,
    private readonly transport: StreamableHTTPServerTransport,
  ) {}

  get principal(): Principal | undefined {
    return this.client.principal;
  }

  get busy(): boolean {
    return this.#connections > 0 || this.client.busy;
  }

  /** Whether the transport has taken an `initialize`. */
  get begun(): boolean {
    return this.transport.sessionId !== undefined;
  }

  /** Resolves when the response has ended. */
  async serve(visit: HttpVisit, body?: unknown): Promise<void> {
    const { response } = visit;
    this.#connections++;
    response.once('close', () => this.#connections--);
    await this.transport.handleRequest(withCaller(visit), response, body);
  }

  close(): void {
    void this.client.close();
  }
}
