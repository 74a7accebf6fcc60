import type { Server } from 'node:http';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  CallObserver,
  CallObservers,
  CancelledError,
  LinkedList,
  RookeryError,
  ServerStatus,
  type Call,
} from '../core/index.js';
import { McpOptions } from './mcp.options.js';

/** How long the answers to aborted calls may take, in milliseconds: their records are written meanwhile. */
const LAST_ANSWERS_MS = 1_000;
/** At least so long clients get to take the answers in that were written for them, in milliseconds. */
const LAST_BYTES_MS = 1_000;

/**
 * Lets the server stop without dropping calls: nothing new is taken, what runs gets `server.shutdownGraceMs` to finish
 * in, the rest is aborted and answered as cancelled. This is the first thing to happen: global modules, which hold caches
 * and stores, are destroyed after it, and `onApplicationShutdown` runs when everything is answered.
 *
 * A request that was still on its way in is refused once that is over, and a connection that does not take its answer
 * is cut: nobody can keep the server from stopping.
 */
@Injectable()
export class Shutdown
  extends CallObserver
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  readonly #running = new LinkedList<Call>();
  readonly #logger = new Logger('Mcp');
  #allEnded: (() => void) | undefined;
  #over = false;
  #graceEnds = 0;

  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
    private readonly observers: CallObservers,
    private readonly adapters: HttpAdapterHost,
  ) {
    super();
  }

  /** Observers register in `onModuleInit`: this is the last one, so that a call has ended for all when it has here. */
  onApplicationBootstrap(): void {
    this.observers.add(this);
    this.status.markReady();
  }

  async onModuleDestroy(): Promise<void> {
    const { shutdownGraceMs } = this.options;
    this.status.markDraining();
    this.#graceEnds = performance.now() + shutdownGraceMs;
    if (!(await this.#ended(shutdownGraceMs))) {
      this.#logger.warn({
        msg: 'calls are aborted: they did not end within server.shutdownGraceMs',
        calls: this.#running.size,
      });
      for (const call of this.#running) call.abort(new CancelledError('The server is shutting down.'));
      await this.#ended(LAST_ANSWERS_MS);
    }
    this.#over = true;
  }

  /** The HTTP server is closed next, which waits for every connection that is not idle. */
  beforeApplicationShutdown(): void {
    const server = this.adapters.httpAdapter?.getHttpServer() as Server | undefined;
    const withinMs = Math.max(LAST_BYTES_MS, this.#graceEnds - performance.now());
    setTimeout(() => server?.closeAllConnections(), withinMs).unref();
  }

  /** @throws RookeryError for what comes when the last call has ended: what it needs may be closed. */
  override start(call: Call): void {
    if (this.#over) {
      throw new RookeryError('overloaded', 'The server is shutting down; try another instance.', { retryAfter: 1 });
    }
    this.#running.add(call);
  }

  override end(call: Call): void {
    this.#running.remove(call);
    if (this.#running.size === 0) this.#allEnded?.();
  }

  /** Whether every call has ended within the time. From then on none begins. */
  #ended(withinMs: number): Promise<boolean> {
    this.#over = this.#running.size === 0;
    if (this.#over) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#allEnded = () => {
        clearTimeout(timer);
        this.#over = true;
        resolve(true);
      };
    });
  }
}
