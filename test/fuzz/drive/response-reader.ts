const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/** What a {@link ResponseReader} finds. */
export interface ResponseEvents {
  head(status: number, headers: ReadonlyMap<string, string>): void;
  data(bytes: Buffer): void;
  end(): void;
}

/** Reads HTTP/1.1 responses strictly, one after another: an octet that does not belong is an error. */
export class ResponseReader {
  #rest = Buffer.alloc(0);
  #state: 'head' | 'length' | 'chunk-size' | 'chunk' | 'trailer' = 'head';
  #missing = 0;

  constructor(private readonly events: ResponseEvents) {}

  /** @throws Error at what is no HTTP */
  push(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#step());
  }

  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#takeUntil(HEAD_END, (head) => this.#head(head));
      case 'chunk-size':
        return this.#takeUntil(LINE_END, (line) => this.#chunkSize(line));
      case 'trailer':
        return this.#takeUntil(LINE_END, () => this.#end());
      default:
        return this.#body();
    }
  }

  #head(text: string): void {
    const [first = '', ...lines] = text.split('\r\n');
    const [, code] = /^HTTP\/1\.1 (\d{3}) [ -~]*$/.exec(first) ?? [];
    if (code === undefined) throw new Error(`no status line: ${JSON.stringify(first)}`);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name, value] = /^([!-9;-~]+): ?(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no header: ${JSON.stringify(line)}`);
      headers.set(name.toLowerCase(), value);
    }
    const status = Number(code);
    if (status < 200) return;
    this.events.head(status, headers);
    this.#missing = Number(headers.get('content-length') ?? 0);
    if (status === 204) this.events.end();
    else if (headers.get('transfer-encoding') === 'chunked') this.#state = 'chunk-size';
    else if (this.#missing === 0) this.events.end();
    else this.#state = 'length';
  }

  #chunkSize(line: string): void {
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`no chunk size: ${JSON.stringify(line)}`);
    this.#missing = Number.parseInt(line, 16);
    this.#state = this.#missing === 0 ? 'trailer' : 'chunk';
  }

  #body(): boolean {
    if (this.#rest.length === 0) return false;
    const taken = this.#rest.subarray(0, this.#missing);
    this.#missing -= taken.length;
    this.#rest = this.#rest.subarray(taken.length);
    if (taken.length > 0) this.events.data(taken);
    if (this.#missing > 0) return false;
    if (this.#state === 'length') {
      this.#end();
      return true;
    }
    if (this.#rest.length < LINE_END.length) return false;
    if (!this.#rest.subarray(0, LINE_END.length).equals(LINE_END)) throw new Error('a chunk is longer than it says');
    this.#rest = this.#rest.subarray(LINE_END.length);
    this.#state = 'chunk-size';
    return true;
  }

  #end(): void {
    this.#state = 'head';
    this.events.end();
  }

  #takeUntil(mark: Buffer, take: (text: string) => void): boolean {
    const end = this.#rest.indexOf(mark);
    if (end === -1) return false;
    const text = this.#rest.subarray(0, end).toString('latin1');
    this.#rest = this.#rest.subarray(end + mark.length);
    take(text);
    return true;
  }
}
