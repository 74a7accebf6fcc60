import { RookeryError } from '../../../core/index.js';
import { SandboxError } from '../code-errors.js';
import type { Sandbox } from './sandbox.js';

/**
 * Sandboxes that are ready before they are wanted. Each serves once; what was taken is replaced in the background, one
 * at a time. A sandbox that ends while it waits is replaced when the next one is wanted.
 */
export class SandboxPool {
  readonly #ready: Sandbox[] = [];
  readonly #living = new Set<Sandbox>();
  #filling: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly start: () => Promise<Sandbox>,
    private readonly size: number,
  ) {}

  /** How many wait to be taken. */
  get ready(): number {
    return this.#ready.length;
  }

  /** Begins to fill the pool; resolves when it is full or a sandbox did not start. */
  async fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => (this.#filling = undefined));
    await this.#filling;
  }

  /** A sandbox that is ready: one that waited, or a new one. The pool forgets it when it is gone. */
  async take(): Promise<Sandbox> {
    for (let waiting = this.#ready.shift(); waiting !== undefined; waiting = this.#ready.shift()) {
      if (waiting.alive) return waiting;
    }
    return await this.#begin();
  }

  /** Kills all sandboxes, those that work included, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const sandbox of this.#living) sandbox.kill();
    await Promise.all([...this.#living].map(({ closed }) => closed));
    await this.#filling;
    await Promise.all([...this.#living].map(({ closed }) => closed));
  }

  async #fill(): Promise<void> {
    while (!this.#closed && this.#ready.length < this.size) {
      // Its reason is told to the job that finds no sandbox ready and starts one.
      const sandbox = await this.#begin().catch(() => undefined);
      if (sandbox === undefined) return;
      this.#ready.push(sandbox);
    }
  }

  async #begin(): Promise<Sandbox> {
    if (this.#closed) throw new RookeryError('overloaded', 'The server is shutting down.');
    const sandbox = await this.start();
    this.#living.add(sandbox);
    void sandbox.closed.then(() => this.#living.delete(sandbox));
    if (this.#closed) sandbox.kill();
    await sandbox.ready;
    if (!sandbox.alive) throw new SandboxError('The sandbox ended before it was given anything to do.');
    return sandbox;
  }
}
