import type { Server } from 'node:http';
import { EVERYTHING } from '../generate/envelope.js';
import { inProcess } from './connections.js';
import { sessionHeaders, written, type Headers } from './http-request.js';
import { HttpWire, type Received } from './http-wire.js';

const PLAIN = { forgeries: [], framing: 'length' } as const;

/** A client over HTTP that sends each request on a connection of its own, and may begin a session of the 2025 era. */
export class Visitor {
  readonly #wires: HttpWire[] = [];
  #session: string | undefined;

  constructor(private readonly server: Server) {}

  /** Begins a session; its id. */
  async begin(version = '2025-11-25'): Promise<string> {
    const params = { protocolVersion: version, capabilities: EVERYTHING, clientInfo: { name: 'fuzz', version: '0' } };
    const message = { id: 0, method: 'initialize', params };
    const { headers } = await this.answer('POST', sessionHeaders(undefined), message);
    return (this.#session = headers.get('mcp-session-id') ?? '');
  }

  /** Sends a request; its response grows in what is returned. */
  send(method: string, headers: Headers, message?: object): Received {
    return this.#connect().send(...bytes(method, headers, message));
  }

  /** Sends a request within the session that was begun. */
  inSession(method: string, message?: object, more: Headers = []): Received {
    return this.send(method, [...sessionHeaders(this.#session), ...more], message);
  }

  /** Sends a request and waits for its whole response. */
  async answer(method: string, headers: Headers, message?: object): Promise<Received> {
    const wire = this.#connect();
    const received = wire.send(...bytes(method, headers, message));
    while (!received.ended && !wire.closed) await wire.change();
    return received;
  }

  /** Goes away, whatever is under way. */
  leave(): void {
    for (const wire of this.#wires) wire.hangUp();
  }

  #connect(): HttpWire {
    const wire = new HttpWire(inProcess(this.server));
    this.#wires.push(wire);
    return wire;
  }
}

function bytes(method: string, headers: Headers, message?: object): readonly Buffer[] {
  return written(method, headers, message && JSON.stringify({ jsonrpc: '2.0', ...message }), PLAIN);
}
