import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Reply } from '../../wire.js';

const JSON_TYPE = 'application/json';

/**
 * The answer to one request: a JSON body, or an event stream from the first notification on
 * (S/basic/transports/streamable-http, receiving messages).
 */
export class HttpAnswer {
  #streaming = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly acceptsStream: boolean,
    private readonly keepAliveMs: number,
  ) {}

  /** Sends a notification. A client that accepts no event stream cannot be sent any, so it goes without. */
  notify(message: string): void {
    if (!this.acceptsStream || this.response.writableEnded) return;
    if (!this.#streaming) this.#startStream();
    this.response.write(`event: message\ndata: ${message}\n\n`);
  }

  /** Sends the answer and ends the response. */
  reply({ body, status }: Reply, headers?: OutgoingHttpHeaders): void {
    const { response } = this;
    if (this.#streaming) {
      clearInterval(this.#keepAlive);
      response.end(`event: message\ndata: ${body}\n\n`);
      return;
    }
    response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(body), ...headers });
    response.end(body);
  }

  /** Ends a response that nobody waits for. */
  abandon(): void {
    clearInterval(this.#keepAlive);
    if (!this.response.writableEnded) this.response.end();
  }

  #startStream(): void {
    this.#streaming = true;
    this.response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    this.#keepAlive = setInterval(() => this.response.write(': keep-alive\n\n'), this.keepAliveMs);
    this.#keepAlive.unref();
  }
}
