import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { SlowClients } from '../../limits/slow-clients.js';
import { startEventStream } from '../../sessions/event-stream.js';
import type { Reply } from '../../wire.js';
import { sendJson } from './refusal.js';

/** Shorter answers are the kernel's to hold. */
export const LARGE_ANSWER = 65_536;

/** How the answer to a request leaves. */
export interface Answer {
  /**
   * Sends a notification or a request of ours, on the stream of the answer.
   *
   * @param expendable - left out while the client is behind with its reading
   */
  send(message: string, expendable?: boolean): void;
  /** Sends the answer and ends the response. */
  reply(reply: Reply, headers?: OutgoingHttpHeaders): void;
}

/**
 * The answer to a request of the 2026 era: a JSON body, or an event stream from the first notification on
 * (S/basic/transports/streamable-http, receiving messages).
 */
export class HttpAnswer implements Answer {
  #streaming = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly acceptsStream: boolean,
    private readonly keepAliveMs: number,
    private readonly slow: SlowClients,
  ) {}

  /** A client that accepts no event stream cannot be sent any, so it goes without. */
  send(message: string, expendable = false): void {
    if (!this.acceptsStream || this.response.writableEnded) return;
    if (!this.#streaming) this.#startStream();
    else if (this.slow.isBehind(this.response)) {
      if (expendable) this.slow.dropped();
      else this.slow.letGo(this.response);
      return;
    }
    this.response.write(`event: message\ndata: ${message}\n\n`);
  }

  reply(reply: Reply, headers?: OutgoingHttpHeaders): void {
    clearInterval(this.#keepAlive);
    if (this.#streaming) this.response.end(`event: message\ndata: ${reply.body}\n\n`);
    else {
      sendJson(this.response, reply, headers);
      if (reply.body.length > LARGE_ANSWER) this.slow.watch(this.response);
    }
  }

  /** Ends a response that nobody waits for. */
  abandon(): void {
    clearInterval(this.#keepAlive);
    if (!this.response.writableEnded) this.response.end();
  }

  #startStream(): void {
    this.#streaming = true;
    startEventStream(this.response);
    this.slow.watchStream(this.response);
    this.#keepAlive = setInterval(() => this.response.write(': keep-alive\n\n'), this.keepAliveMs).unref();
  }
}
