/** How a provider's answer is written. */
export type BodyFormat = 'json' | 'ndjson' | 'sse';

/** What a body may have at the most. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Of one line of a stream. */
  readonly maxLineBytes: number;
}

/** What is wrong with a body. */
export class BodyError extends Error {}

const NEWLINE = 0x0a;

/**
 * Lets a body through while it keeps its limits, and a stream while each of its lines can be read: clients buffer lines
 * without a limit, and print or drop those that they can't parse.
 *
 * The stream fails with a {@link BodyError} at the first fault.
 */
export function boundedBody(format: BodyFormat, limits: BodyLimits): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  const lines = format === 'json' ? undefined : new LineCheck(format, limits.maxLineBytes);
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > limits.maxBytes) throw new BodyError(`is larger than ${limits.maxBytes} bytes`);
      lines?.push(chunk);
      controller.enqueue(chunk);
    },
    flush() {
      lines?.end();
    },
  });
}

/** Cuts a stream into lines and looks at each. */
class LineCheck {
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(
    private readonly format: 'ndjson' | 'sse',
    private readonly maxLineBytes: number,
  ) {}

  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#line();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  end(): void {
    if (this.#length > 0) this.#line();
  }

  #keep(part: Uint8Array): void {
    this.#length += part.byteLength;
    if (this.#length > this.maxLineBytes) throw new BodyError(`has a line of more than ${this.maxLineBytes} bytes`);
    // A copy: the chunk goes on to the client, which may detach it.
    if (part.byteLength > 0) this.#parts.push(part.slice());
  }

  #line(): void {
    const line = Buffer.concat(this.#parts).toString('utf8').trim();
    this.#parts = [];
    this.#length = 0;
    const json = this.format === 'ndjson' ? line : dataOf(line);
    if (json === '' || (this.format === 'sse' && json.startsWith('[DONE]'))) return;
    try {
      JSON.parse(json);
    } catch (error) {
      throw new BodyError('has a line that is not JSON', { cause: error });
    }
  }
}

/** The value of an event's `data` line; comments and other fields have none. We serve providers that write one line of data an event. */
function dataOf(line: string): string {
  return line.startsWith('data:') ? line.slice('data:'.length).trim() : '';
}
