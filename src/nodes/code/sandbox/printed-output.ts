/** The beginning of what a stream of a sandbox carries; the rest is counted. */
export class PrintedOutput {
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #tail = Buffer.alloc(0);
  #bytes = 0;

  constructor(private readonly keep: number) {}

  /** Bytes seen so far. */
  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    // The mark that ends a stream may stand at its border.
    if (this.#keptBytes < this.keep + MARK_BYTES) {
      const part = chunk.subarray(0, this.keep + MARK_BYTES - this.#keptBytes);
      this.#kept.push(part);
      this.#keptBytes += part.length;
    }
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-MARK_BYTES)]).subarray(-MARK_BYTES);
  }

  /** Whether the sandbox has written everything: the job's nonce comes last. */
  endsWith(mark: string): boolean {
    return this.#tail.equals(Buffer.from(mark, 'latin1'));
  }

  /** The text, and all its bytes when it is only the beginning. */
  read(mark = ''): { readonly text: string; readonly truncated?: number } {
    const bytes = this.#bytes - (mark !== '' && this.endsWith(mark) ? mark.length : 0);
    const kept = Buffer.concat(this.#kept).subarray(0, Math.min(bytes, this.keep));
    // A character that the border cuts in two is left out.
    const text = new TextDecoder('utf-8').decode(kept, { stream: bytes > this.keep });
    return bytes > this.keep ? { text, truncated: bytes } : { text };
  }
}

/** As long as a job's nonce. */
const MARK_BYTES = 32;
