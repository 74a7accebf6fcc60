import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import { ChangeBus, ServerStatus, type Principal } from '../../../core/index.js';
import { McpDispatcher } from '../../dispatcher.js';
import { Eras } from '../../eras/eras.js';
import { Connection } from '../connection.js';

/** The client's end of an in-memory connection: both SDKs' clients take it. */
export class InMemoryClientTransport implements Transport {
  declare onclose?: () => void;
  declare onerror?: (error: Error) => void;
  declare onmessage?: NonNullable<Transport['onmessage']>;
  #connection: Connection | undefined;

  constructor(private readonly open: (send: (message: string) => void) => Connection) {}

  start(): Promise<void> {
    this.#connection = this.open((message) => {
      // A macrotask, as any real transport has one: an answer never arrives before `send` has returned.
      setImmediate(() => this.onmessage?.(JSON.parse(message) as JSONRPCMessage));
    });
    return Promise.resolve();
  }

  send(message: unknown): Promise<void> {
    this.#connection?.receive(JSON.parse(JSON.stringify(message)));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    this.onclose?.();
    return Promise.resolve();
  }
}

/** Connects clients in the same process, for tests and for `rookery call`. */
@Injectable()
export class InMemoryTransport {
  constructor(
    private readonly dispatcher: McpDispatcher,
    private readonly eras: Eras,
    private readonly status: ServerStatus,
    private readonly changes: ChangeBus,
  ) {}

  /** A transport for a client; give it to `client.connect()`. */
  connect(principal?: Principal): InMemoryClientTransport {
    const { dispatcher, eras, status, changes } = this;
    return new InMemoryClientTransport(
      (send) => new Connection({ dispatcher, eras, status, changes, principal, send }),
    );
  }
}
