import { CancelledError, InFlightMap, RookeryError, ToolError, type LogLevel } from '../../core/index.js';
import type { Params, RequestId } from '../wire.js';

/** Requests that may wait for one client at once. */
export const MAX_WAITING = 64;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** What a server knows of a client of the 2025 era between its requests, and what it is waiting for from it. */
export class ClientState {
  protocolVersion = '2025-03-26';
  capabilities: Params = {};
  initialized = false;
  logLevel: LogLevel = 'info';
  /** URIs of resources whose updates the client wants to hear of. */
  readonly subscriptions = new Set<string>();
  readonly #waiting = new InFlightMap<RequestId, Waiting>();
  #lastId = 0;
  #closed = false;

  /** Sends a request to the client and resolves with its result; gives up when the signal aborts. */
  request(
    method: string,
    params: Params | undefined,
    send: (message: string) => void,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (this.#closed) return Promise.reject(gone());
    if (this.#waiting.size >= MAX_WAITING) {
      const message = `The client has left ${MAX_WAITING} requests unanswered.`;
      return Promise.reject(new RookeryError('overloaded', message));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const forget = (): void => {
        this.#waiting.delete(id);
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        forget();
        reject(signal.reason as Error);
      };
      this.#waiting.set(id, {
        resolve: (result) => (forget(), resolve(result)),
        reject: (reason) => (forget(), reject(reason)),
      });
      signal.addEventListener('abort', abort);
      if (signal.aborted) return abort();
      send(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) }));
    });
  }

  /** Takes a response from the client. One to nothing that waits is dropped, as the protocol asks. */
  settle(response: Readonly<Record<string, unknown>>): void {
    const waiting = this.#waiting.get(response['id'] as RequestId);
    const error = response['error'] as { readonly message: string } | undefined;
    if (error === undefined) waiting?.resolve(response['result']);
    else waiting?.reject(new ToolError(`The client refused: ${error.message}`));
  }

  /** Nothing will be answered any more. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(gone());
  }
}

function gone(): CancelledError {
  return new CancelledError('The client is gone.');
}
