import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CallObserver, CallObservers, ServerStatus, type Call } from '../core/index.js';
import { McpOptions } from './mcp.options.js';

/**
 * Lets the server stop without dropping calls: nothing new is taken, what runs gets `server.shutdownGraceMs` to finish
 * in, the rest is aborted and answered as cancelled. This is the first thing to happen: global modules, which hold caches
 * and stores, are destroyed after it, and `onApplicationShutdown` runs when everything is answered.
 */
@Injectable()
export class Shutdown extends CallObserver implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #running = new Set<Call>();
  readonly #logger = new Logger('Mcp');
  #allEnded: (() => void) | undefined;

  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
    observers: CallObservers,
  ) {
    super();
    observers.add(this);
  }

  onApplicationBootstrap(): void {
    this.status.markReady();
  }

  async onModuleDestroy(): Promise<void> {
    this.status.markDraining();
    if (await this.#ended(this.options.shutdownGraceMs)) return;
    this.#logger.warn({
      msg: 'calls are aborted: they did not end within server.shutdownGraceMs',
      calls: this.#running.size,
    });
    for (const call of this.#running) call.abort();
    await this.#ended(1_000);
  }

  override start(call: Call): void {
    this.#running.add(call);
  }

  override end(call: Call): void {
    this.#running.delete(call);
    if (this.#running.size === 0) this.#allEnded?.();
  }

  /** Whether every call has ended within the time. */
  #ended(withinMs: number): Promise<boolean> {
    if (this.#running.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#allEnded = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
