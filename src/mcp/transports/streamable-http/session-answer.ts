import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { SlowClients } from '../../limits/slow-clients.js';
import type { EventStream } from '../../sessions/event-stream.js';
import type { Session } from '../../sessions/session.js';
import type { Reply } from '../../wire.js';
import { LARGE_ANSWER, type Answer } from './http-answer.js';
import { sendJson } from './refusal.js';

/**
 * The answer to a request in a session of the 2025 era: a JSON body, or from the first message on an event stream that
 * the client can leave and come back to (L/basic/transports, resumability and redelivery).
 */
export class SessionAnswer implements Answer {
  #stream: EventStream | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly session: Session,
    private readonly slow: SlowClients,
  ) {}

  send(message: string, expendable = false): void {
    this.#open().send(message, expendable);
  }

  reply(reply: Reply, headers?: OutgoingHttpHeaders): void {
    if (this.#stream !== undefined) this.#stream.end(reply.body);
    else if (!this.response.destroyed) {
      sendJson(this.response, reply, { ...headers, 'mcp-session-id': this.session.id });
      if (reply.body.length > LARGE_ANSWER) this.slow.watch(this.response);
    }
  }

  /** Ends a response that nobody waits for. */
  end(): void {
    if (this.#stream !== undefined) this.#stream.close();
    else if (!this.response.writableEnded) this.response.writeHead(202).end();
  }

  /** Lets the client go; it learns from the stream's first event how to come back. */
  release(): void {
    this.#open().release();
  }

  #open(): EventStream {
    if (this.#stream === undefined) {
      this.#stream = this.session.openStream();
      this.#stream.attach(this.response, { 'mcp-session-id': this.session.id });
    }
    return this.#stream;
  }
}
