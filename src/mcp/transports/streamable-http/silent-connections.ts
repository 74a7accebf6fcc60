import type { Server, Socket } from 'node:net';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InFlightMap } from '../../../core/index.js';

/** Milliseconds that a connection gets to ask its first question in when the server stops. */
const LAST_CHANCE_MS = 500;

/**
 * Lets the server stop though connections are open on which nothing was ever asked.
 *
 * Clients open such ahead of need; undici does after every request that it aborts. To Node they are not idle, so its
 * `server.close()` would wait for each until `headersTimeout`, a minute.
 */
@Injectable()
export class SilentConnections implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #open = new InFlightMap<Socket, true>();
  #stopping = false;

  constructor(private readonly adapters: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    const server = this.adapters.httpAdapter?.getHttpServer() as Server | undefined;
    server?.on('connection', (socket: Socket) => {
      this.#open.set(socket, true);
      socket.once('close', () => this.#open.delete(socket));
      if (this.#stopping) this.#closeSoon(socket);
    });
  }

  beforeApplicationShutdown(): void {
    this.#stopping = true;
    for (const socket of this.#open.keys()) this.#closeSoon(socket);
  }

  #closeSoon(socket: Socket): void {
    setTimeout(() => {
      if (socket.bytesRead === 0) socket.destroy();
    }, LAST_CHANCE_MS).unref();
  }
}
