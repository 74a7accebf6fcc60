import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Where calls of several processes say that they run, and are held. One counts from when its request is there until it is
 * answered, or its process is gone: for no longer than the call runs.
 */
export class SlotGate {
  /** The most that ran at once. */
  most = 0;
  /** How many have begun. */
  begun = 0;
  /** Milliseconds after which a call goes on by itself; `undefined` holds it until {@link release}. */
  holdMs: number | undefined;
  readonly #held = new Set<ServerResponse>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((_request, response) => {
      this.begun++;
      this.#held.add(response);
      this.most = Math.max(this.most, this.#held.size);
      response.on('close', () => this.#held.delete(response));
      if (this.holdMs !== undefined) setTimeout(() => this.#let(response), this.holdMs);
    });
  }

  static async open(): Promise<SlotGate> {
    const gate = new SlotGate();
    await new Promise<void>((resolve) => void gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Calls that run now. */
  get running(): number {
    return this.#held.size;
  }

  /** Lets calls that run end, all or so many. */
  release(number = Infinity): void {
    for (const response of [...this.#held].slice(0, number)) this.#let(response);
  }

  /** Lets everything end, and counts anew. */
  reset(): void {
    this.release();
    this.holdMs = undefined;
    this.most = 0;
    this.begun = 0;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #let(response: ServerResponse): void {
    this.#held.delete(response);
    response.end('done');
  }
}
