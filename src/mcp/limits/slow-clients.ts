import type { ServerResponse } from 'node:http';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { InFlightMap, Telemetry } from '../../core/index.js';
import { McpOptions } from '../mcp.options.js';
import { openStreams } from '../sessions/session-metrics.js';
import { RefusedRequests } from './refused-requests.js';

/** Looks at every response so many times before a client that takes nothing is given up. */
const LOOKS = 4;

/** How far a client had read when it was looked at. */
interface Reading {
  readonly taken: number;
  readonly queued: number | undefined;
  readonly since: number;
}

/**
 * Keeps clients that do not read from holding memory.
 *
 * What is written waits in the process until the client takes it. While more waits than `server.unsent.maxSize`,
 * progress and log messages are left out, which the protocol allows; an answer never is. A client that takes nothing
 * for `server.unsent.stallMs` although something waits is let go, which in the 2026 era cancels its call.
 */
@Injectable()
export class SlowClients implements OnModuleDestroy {
  readonly #watched = new InFlightMap<ServerResponse, Reading | undefined>();
  readonly #logger = new Logger('Mcp');
  readonly #streams;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: McpOptions,
    private readonly refused: RefusedRequests,
    telemetry: Telemetry,
  ) {
    this.#streams = openStreams(telemetry);
  }

  /** Watches an event stream, which is counted while it is open. */
  watchStream(response: ServerResponse): void {
    if (response.destroyed) return;
    this.#streams.add(1);
    response.once('close', () => this.#streams.add(-1));
    this.watch(response);
  }

  /** Lets a client go that takes nothing, from here until its response ends. */
  watch(response: ServerResponse): void {
    if (response.destroyed || this.#watched.has(response)) return;
    this.#watched.set(response, undefined);
    response.once('close', () => this.#forget(response));
    this.#timer ??= setInterval(() => this.#look(), this.options.unsent.stallMs / LOOKS).unref();
  }

  /** Whether so much waits that nothing expendable may be added. */
  isBehind({ writableLength }: { readonly writableLength: number }): boolean {
    return writableLength > this.options.unsent.maxSize;
  }

  /** Something expendable was left out. */
  dropped(): void {
    this.refused.dropped();
  }

  /** Ends a connection and frees what waits for it. */
  letGo(response: ServerResponse): void {
    this.refused.count('slow_client');
    this.#logger.warn({ msg: 'a client does not read and was let go', unsent: response.writableLength });
    response.destroy();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  #forget(response: ServerResponse): void {
    this.#watched.delete(response);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const [response, before] of this.#watched.entries()) {
      if (response.writableLength === 0) {
        if (before !== undefined) this.#watched.set(response, undefined);
        continue;
      }
      const { taken, queued } = readingOf(response);
      if (before === undefined || before.taken !== taken || before.queued !== queued) {
        this.#watched.set(response, { taken, queued, since: now });
      } else if (now - before.since >= this.options.unsent.stallMs) this.letGo(response);
    }
  }
}

/** Changes when the client takes something, and not when something is added: of one large write by what is left of it. */
function readingOf({ socket, writableLength }: ServerResponse): Omit<Reading, 'since'> {
  const handle = socket === null ? undefined : (Reflect.get(socket, '_handle') as Handle | null | undefined);
  return { taken: (socket?.bytesWritten ?? 0) - writableLength, queued: handle?.writeQueueSize };
}

/** What Node's own socket timeout looks at, too, to tell a slow write from none. */
interface Handle {
  readonly writeQueueSize?: number;
}
