import type { Socket } from 'node:net';
import type { PoolClient } from 'pg';
import { ToolError } from '../../core/index.js';

/**
 * Ends a connection that more comes in by than may: `pg` gives a row when all of it is in memory, and the rows of an
 * answer without a cursor when all of them are.
 */
export class ReceivedBytes {
  readonly #stream: Socket;
  readonly #begun: number;
  readonly #watch = (): void => {
    if (this.#stream.bytesRead - this.#begun <= this.most) return;
    this.refusal = new ToolError(
      `The rows are larger than the ${this.most} bytes that are read; choose columns or rows.`,
    );
    this.#stream.destroy(this.refusal);
  };
  /** Why the connection was ended. */
  refusal: ToolError | undefined;

  constructor(
    client: PoolClient,
    private readonly most: number,
  ) {
    this.#stream = (client as PoolClient & { readonly connection: { readonly stream: Socket } }).connection.stream;
    this.#begun = this.#stream.bytesRead;
    this.#stream.prependListener('data', this.#watch);
  }

  stop(): void {
    this.#stream.off('data', this.#watch);
  }
}
