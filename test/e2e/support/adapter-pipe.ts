import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { McpTransportAdapter } from '../../../src/index.js';
import type { RawMessage } from './http-messages.js';

/** A client on a pipe to an adapter in this process, which writes whole lines as they are. */
export class AdapterPipe {
  readonly #input = new PassThrough();
  readonly #lines: AsyncIterator<string>;
  /** Resolves when the adapter serves the pipe no longer. */
  readonly served: Promise<void>;

  constructor(adapter: McpTransportAdapter) {
    const output = new PassThrough();
    this.#lines = createInterface({ input: output })[Symbol.asyncIterator]();
    this.served = adapter.serveStdio({ input: this.#input, output }).then(() => void output.end());
  }

  write(line: string): void {
    this.#input.write(`${line}\n`);
  }

  send(...messages: readonly object[]): void {
    for (const message of messages) this.write(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  /** The next message; `undefined` when the adapter has ended. */
  async next(): Promise<RawMessage | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : (JSON.parse(value) as RawMessage);
  }

  /** Closes the client's end; resolves when the adapter has noticed. */
  async close(): Promise<void> {
    this.#input.end();
    await this.served;
  }
}
