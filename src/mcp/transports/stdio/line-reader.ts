import { isUtf8 } from 'node:buffer';

const NEWLINE = 0x0a;

/** What comes out of a {@link LineReader}. */
export interface LineEvents {
  line(text: string): void;
  /** A line was longer than allowed; it is skipped and reading goes on behind it. */
  tooLong(): void;
  /** A line was no UTF-8. */
  notUtf8(): void;
}

/** Splits a byte stream into lines of bounded length. */
export class LineReader {
  #pending: Buffer[] = [];
  #bytes = 0;
  #skipping = false;

  constructor(
    private readonly maxBytes: number,
    private readonly events: LineEvents,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#append(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    this.#append(chunk.subarray(start));
  }

  #append(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes > this.maxBytes) {
      this.#skipping = true;
      this.#pending = [];
    } else this.#pending.push(part);
  }

  #finish(): void {
    const bytes = this.#skipping ? undefined : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#bytes = 0;
    this.#skipping = false;
    if (bytes === undefined) return this.events.tooLong();
    if (!isUtf8(bytes)) return this.events.notUtf8();
    const text = bytes.toString('utf8').trim();
    if (text !== '') this.events.line(text);
  }
}
