import { ToolError, type ReadableFile } from '../../../core/index.js';
import { decodedText } from '../text/text-decoding.js';

/** How lines are read. */
export interface JsonLinesOptions {
  readonly encoding: string;
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Characters of a line at the most. */
  readonly maxLine: number;
  readonly skipFaulty: boolean;
  readonly signal: AbortSignal;
}

/** What was read. */
export interface JsonLinesResult {
  readonly data: unknown[];
  readonly rows: number;
  readonly truncated: boolean;
  readonly skipped_rows: number;
  readonly skipped: { line: number; reason: string }[];
}

const TOLD_ROWS = 20;

/** Reads one value from each line, as far as there is room. Empty lines are none. @throws ToolError naming a faulty line */
export async function readJsonLines(file: ReadableFile, options: JsonLinesOptions): Promise<JsonLinesResult> {
  const lines = new Lines(file.name, options);
  let rest = '';
  let isTooLong = false;
  for await (const piece of decodedText(file, options.encoding, options.signal)) {
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (!lines.add(part, isTooLong)) return lines.result(true);
      isTooLong = false;
    }
    if (rest.length > options.maxLine) {
      isTooLong = true;
      rest = '';
    }
  }
  const more = (rest !== '' || isTooLong) && !lines.add(rest, isTooLong);
  return lines.result(more);
}

class Lines {
  readonly #data: unknown[] = [];
  readonly #skipped: { line: number; reason: string }[] = [];
  #skippedRows = 0;
  #line = 0;
  #size = 0;

  constructor(
    private readonly name: string,
    private readonly options: JsonLinesOptions,
  ) {}

  /** @returns whether there was room */
  add(text: string, isTooLong: boolean): boolean {
    this.#line++;
    if (isTooLong || text.length > this.options.maxLine) {
      this.#faulty(`is longer than ${this.options.maxLine} characters`);
      return true;
    }
    if (text.trim() === '') return true;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#faulty('is no JSON');
      return true;
    }
    this.#size += text.length;
    if (this.#data.length >= this.options.maxRows || this.#size > this.options.maxBytes) return false;
    this.#data.push(value);
    return true;
  }

  result(truncated: boolean): JsonLinesResult {
    const { length } = this.#data;
    return { data: this.#data, rows: length, truncated, skipped_rows: this.#skippedRows, skipped: this.#skipped };
  }

  #faulty(reason: string): void {
    if (!this.options.skipFaulty) {
      throw new ToolError(
        `${this.name}, line ${this.#line}: it ${reason}. Pass over such lines with on_error: "skip".`,
        {
          line: this.#line,
        },
      );
    }
    this.#skippedRows++;
    if (this.#skipped.length < TOLD_ROWS) this.#skipped.push({ line: this.#line, reason });
  }
}
