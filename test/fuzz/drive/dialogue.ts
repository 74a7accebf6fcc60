import { isObject } from '../../../src/core/index.js';
import type { InMemoryTransport, Principal } from '../../../src/index.js';
import type { RequestId } from '../../../src/mcp/wire.js';
import { EVERYTHING, envelopeOf } from '../generate/envelope.js';

type Fields = Readonly<Record<string, unknown>>;

/** An answer, taken apart. */
export interface DialogueAnswer {
  readonly result?: Fields;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A client of the 2026 era that asks one thing after another and looks at each answer. */
export class Dialogue {
  /** Notifications, in the order in which they came. */
  readonly notified: Fields[] = [];
  readonly #waiting = new Map<unknown, (answer: DialogueAnswer) => void>();
  readonly #transport: ReturnType<InMemoryTransport['connect']>;
  #lastId = 0;

  constructor(
    memory: InMemoryTransport,
    principal?: Principal,
    private readonly declared: object = EVERYTHING,
  ) {
    this.#transport = memory.connect(principal);
    const onmessage = (message: unknown): void => {
      if (!isObject(message)) return;
      if ('method' in message) this.notified.push(message);
      else this.#waiting.get(message['id'])?.(message);
    };
    Object.assign(this.#transport, { onmessage });
    void this.#transport.start();
  }

  /** Asks, and resolves with the answer. */
  request(method: string, params: object = {}): Promise<DialogueAnswer> {
    return this.begin(method, params).answer;
  }

  /** Asks something that may have to be given up. */
  begin(method: string, params: object = {}): { readonly id: RequestId; readonly answer: Promise<DialogueAnswer> } {
    const id = ++this.#lastId;
    const answer = new Promise<DialogueAnswer>((resolve) => this.#waiting.set(id, resolve));
    void this.#send({ id, method, params: { ...params, _meta: envelopeOf(this.declared) } });
    return { id, answer };
  }

  notify(method: string, params: object): void {
    void this.#send({ method, params });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #send(message: object): Promise<void> {
    return this.#transport.send({ jsonrpc: '2.0', ...message });
  }
}
