import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { OtlpMessages, type ReceivedSpan } from './otlp-messages.js';

/** How a collector behaves: `hang` takes everything and answers nothing. */
export type CollectorMood = 'well' | 'hang' | { readonly status: number };

/** A request that a collector got. */
export interface ReceivedExport {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly spans: readonly ReceivedSpan[];
}

/** A collector on the loopback that decodes what it gets. */
export class OtlpReceiver {
  readonly exports: ReceivedExport[] = [];
  mood: CollectorMood = 'well';
  readonly #messages = new OtlpMessages();
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  static async start(port = 0): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(port, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Without a path, as people configure it. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get spans(): readonly ReceivedSpan[] {
    return this.exports.flatMap(({ spans }) => spans);
  }

  /** Without the spans of requests that call nothing, which a client makes when it connects. */
  get ofCalls(): readonly ReceivedSpan[] {
    return this.spans.filter(({ name }) => !/^(?:initialize|server\/discover|[a-z/]+\/list)$/.test(name));
  }

  /** Resolves when what was received is so. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** The first span of that name, when it is there. */
  async span(name: string): Promise<ReceivedSpan> {
    const find = (): ReceivedSpan | undefined => this.spans.find((span) => span.name === name);
    await this.until(() => find() !== undefined);
    return find() as ReceivedSpan;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '', headers } = request;
    const body = await buffer(request);
    if (this.mood === 'hang') return;
    if (this.mood !== 'well') {
      response.writeHead(this.mood.status).end('the collector repeats: sk-secret');
      return;
    }
    const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    this.exports.push({ path, headers, spans: this.#messages.read(bytes) });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    for (const tell of this.#waiting) tell();
    this.#waiting.clear();
  }
}
