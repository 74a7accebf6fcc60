import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy without stickiness: each request goes to the next target, on a connection of its own. */
export class RoundRobin {
  readonly #server: Server;
  readonly #targets: string[];
  #next = 0;

  private constructor(targets: readonly string[]) {
    this.#targets = [...targets];
    this.#server = createServer({ keepAlive: false }, (incoming, outgoing) => this.#pass(incoming, outgoing));
  }

  static async before(targets: readonly string[]): Promise<RoundRobin> {
    const proxy = new RoundRobin(targets);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  remove(target: string): void {
    this.#targets.splice(this.#targets.indexOf(target), 1);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = this.#targets[this.#next++ % this.#targets.length] ?? '';
    const headers = { ...incoming.headers, host: new URL(target).host, connection: 'close' };
    const passed = request(target, { method: incoming.method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: 'close' });
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    passed.on('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    // A client that goes away has cancelled: the target has to learn of it.
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  }
}
