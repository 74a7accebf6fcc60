import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { ResponseReader } from './response-reader.js';

/** A response, as far as it has come. */
export interface Received {
  /** 0 as long as there is none. */
  status: number;
  headers: ReadonlyMap<string, string>;
  body: string;
  /** Whether it is whole. */
  ended: boolean;
  /** What was no HTTP about it. */
  problem: string | undefined;
}

/** One connection of a client that writes requests byte by byte, one after another. */
export class HttpWire {
  #stream: Duplex | undefined;
  #received: Received = nothing();
  #decoder = new StringDecoder('utf8');
  #changed: () => void = () => undefined;

  constructor(private readonly connect: () => Duplex) {}

  /** Writes a request; the response grows in what is returned. A connection that the server closed is replaced. */
  send(...parts: readonly (string | Buffer)[]): Received {
    const stream = this.#connected();
    this.#received = nothing();
    this.#decoder = new StringDecoder('utf8');
    for (const part of parts) stream.write(part);
    return this.#received;
  }

  /** Writes more of the same request. */
  write(part: string | Buffer): void {
    if (this.#stream?.destroyed === false) this.#stream.write(part);
  }

  /** Resolves when something has come, or the connection is closed. */
  change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve));
  }

  get closed(): boolean {
    return this.#stream === undefined;
  }

  /** Goes away, whatever is under way. */
  hangUp(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  #connected(): Duplex {
    if (this.#stream !== undefined) return this.#stream;
    const stream = this.connect();
    this.#stream = stream;
    const reader = new ResponseReader({
      head: (status, headers) => Object.assign(this.#received, { status, headers }),
      data: (bytes) => (this.#received.body += this.#decoder.write(bytes)),
      end: () => (this.#received.ended = true),
    });
    const forget = (): void => {
      if (this.#stream === stream) this.#stream = undefined;
      this.#changed();
    };
    stream.on('data', (bytes: Buffer) => {
      try {
        reader.push(bytes);
        if (this.#received.ended && this.#received.headers.get('connection') !== 'keep-alive') this.hangUp();
      } catch (error) {
        this.#received.problem = String(error);
        stream.destroy();
      }
      this.#changed();
    });
    stream.on('error', forget);
    stream.on('end', forget);
    stream.on('close', forget);
    return stream;
  }
}

function nothing(): Received {
  return { status: 0, headers: new Map(), body: '', ended: false, problem: undefined };
}
