const LONGEST_LINE = 4_096;

/** What a sandbox has said so far on the channel for answers. */
export type Answer =
  | { readonly state: 'partial' }
  | {
      readonly state: 'whole';
      readonly body: Buffer;
      /** The descriptors whose last bytes are the nonce. */
      readonly marked: string;
    }
  | { readonly state: 'too-large' }
  | { readonly state: 'forged' };

/**
 * Reads the channel on which a sandbox answers: first a line when it is ready, then, for the one job, a line with the
 * job's nonce, the length of the body and the printed streams that end with the nonce, and the body. Whatever else is written there is not an answer.
 *
 * The nonce tells answers from what a job writes into channels it finds; it is no secret from a job that searches its
 * own process for it, which can choose its result anyway.
 */
export class AnswerReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #length: number | undefined;
  #marked = '';

  constructor(private readonly maxBytes: number) {}

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** Takes the first line, once it is there; undefined until then, or an empty text when it never will be. */
  line(): string | undefined {
    const buffer = this.#joined();
    const end = buffer.indexOf(10);
    if (end < 0) return buffer.length > LONGEST_LINE ? '' : undefined;
    this.#keep(buffer.subarray(end + 1));
    return buffer.toString('latin1', 0, end);
  }

  answer(nonce: string): Answer {
    if (this.#length === undefined) {
      const start = Buffer.from(`${nonce} `);
      const buffer = this.#joined();
      const compared = Math.min(buffer.length, start.length);
      if (!buffer.subarray(0, compared).equals(start.subarray(0, compared))) return { state: 'forged' };
      const line = this.line();
      if (line === undefined) return { state: 'partial' };
      const [, length, marked = ''] = /^(\d{1,12}) (1?2?)$/.exec(line.slice(start.length)) ?? [];
      if (length === undefined) return { state: 'forged' };
      this.#length = Number(length);
      this.#marked = marked;
    }
    if (this.#length > this.maxBytes) return { state: 'too-large' };
    if (this.#size < this.#length) return { state: 'partial' };
    return { state: 'whole', body: this.#joined().subarray(0, this.#length), marked: this.#marked };
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#keep(Buffer.concat(this.#chunks));
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #keep(buffer: Buffer): void {
    this.#chunks = [buffer];
    this.#size = buffer.length;
  }
}
