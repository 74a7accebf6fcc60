import type { ServerResponse } from 'node:http';
import type { SlowClients } from '../limits/slow-clients.js';
import type { EventLog } from './event-log.js';

/** What a client is told to wait before it reconnects. */
export const RETRY_MS = 500;

/** Begins an event stream (S/basic/transports/streamable-http, receiving messages). */
export function startEventStream(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...headers,
  });
}

/**
 * A stream of events of one session that outlives its connections: what is sent while no client is attached is kept in
 * the session's log, and sent when one comes back.
 */
export class EventStream {
  #sequence = 0;
  #response: ServerResponse | undefined;
  #ended = false;

  constructor(
    readonly id: number,
    private readonly log: EventLog,
    /** Whether streams begin with an event that only gives the client an id to come back with (since 2025-11-25). */
    private readonly priming: boolean,
    private readonly slow: SlowClients,
  ) {}

  get attached(): boolean {
    return this.#response !== undefined;
  }

  /** Whether nothing more will be sent. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it has sent this event, and all that followed is still kept: a client that comes back misses nothing. */
  reaches(sequence: number): boolean {
    return this.log.after(this.id, sequence).length === this.#sequence - sequence;
  }

  /** Serves a client from here on; with `after`, what it missed first. Another client that was attached is let go. */
  attach(response: ServerResponse, headers: Readonly<Record<string, string>>, after?: number): void {
    this.release();
    startEventStream(response, headers);
    response.on('close', () => {
      if (this.#response === response) this.#response = undefined;
    });
    this.#response = response;
    this.slow.watchStream(response);
    if (after === undefined) {
      if (this.priming) response.write(`id: ${this.id}.${this.#sequence}\nretry: ${RETRY_MS}\ndata: \n\n`);
      else response.flushHeaders();
    } else {
      response.flushHeaders();
      for (const { sequence, data } of this.log.after(this.id, after)) this.#write(sequence, data);
    }
    if (this.#ended) this.release();
  }

  /**
   * Sends one message. A client that is behind with its reading is let go, and finds it in the log when it comes back.
   *
   * @param expendable - left out instead
   */
  send(data: string, expendable = false): void {
    const response = this.#response;
    if (response !== undefined && this.slow.isBehind(response)) {
      if (expendable) return this.slow.dropped();
      this.#response = undefined;
      this.slow.letGo(response);
    }
    this.#append(data);
  }

  /** Sends the last message, to a client that is behind, too: what it waits for is not held back. */
  end(data: string): void {
    this.#append(data);
    this.close();
  }

  /** Nothing more will be sent: whoever comes back is let go at once. */
  close(): void {
    this.#ended = true;
    this.release();
  }

  /** Lets the client go, which may come back. */
  release(): void {
    const response = this.#response;
    this.#response = undefined;
    response?.end();
  }

  #append(data: string): void {
    const sequence = ++this.#sequence;
    this.log.add({ stream: this.id, sequence, data });
    this.#write(sequence, data);
  }

  #write(sequence: number, data: string): void {
    this.#response?.write(`id: ${this.id}.${sequence}\nevent: message\ndata: ${data}\n\n`);
  }
}

/** An event: which stream, and how far. */
export interface EventPlace {
  readonly stream: number;
  readonly sequence: number;
}

/** Reads the id of an event, as it was written. */
export function parseEventId(id: string): EventPlace | undefined {
  const [, stream, sequence] = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,14})$/.exec(id) ?? [];
  return stream === undefined ? undefined : { stream: Number(stream), sequence: Number(sequence) };
}
