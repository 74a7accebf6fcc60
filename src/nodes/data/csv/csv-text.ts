import { ToolError } from '../../../core/index.js';
import { isMissing } from '../rows.js';

/** How a table is written as CSV. */
export interface CsvTextOptions {
  readonly delimiter: string;
  readonly quote: string;
  readonly lineEnd: '\n' | '\r\n';
  /** Whether texts that spreadsheets take for formulas get an apostrophe in front. */
  readonly escapeFormulas: boolean;
}

/** Fields with which a spreadsheet would compute (OWASP, "CSV Injection"). Plain numbers are none. */
const FORMULA = /^[=+\-@\t\r]/;
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?$/i;

/** Writes rows as RFC 4180. What is nothing is an empty field, an empty text is `""`. */
export class CsvText {
  /** Texts that got an apostrophe in front. */
  escapedFields = 0;
  readonly #special: RegExp;
  readonly #lines: string[] = [];

  constructor(private readonly options: CsvTextOptions) {
    const { delimiter, quote } = options;
    const characters = [delimiter, quote].map((character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
    this.#special = new RegExp(`^$|^\\s|\\s$|[${characters.join('')}\\r\\n]`, 'u');
  }

  /** @throws ToolError naming row and value that CSV can not hold */
  add(values: readonly unknown[]): void {
    const line = values.map((value, index) => this.#field(value, index)).join(this.options.delimiter);
    this.#lines.push(line);
  }

  toString(): string {
    const { lineEnd } = this.options;
    return this.#lines.length === 0 ? '' : this.#lines.join(lineEnd) + lineEnd;
  }

  #field(value: unknown, index: number): string {
    if (isMissing(value)) return '';
    switch (typeof value) {
      case 'string':
        return this.#text(value, index);
      case 'number':
        // An integer that JavaScript may have rounded is written as the rounded number that it is.
        return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
      case 'boolean':
      case 'bigint':
        return String(value);
      default:
        return this.#text(JSON.stringify(value) ?? '', index);
    }
  }

  #text(given: string, index: number): string {
    if (given.includes('\0')) {
      const where = `row ${this.#lines.length + 1}, field ${index + 1}`;
      throw new ToolError(`CSV can not hold a NUL character (${where}); leave it out.`);
    }
    const { quote, escapeFormulas } = this.options;
    let text = given;
    if (escapeFormulas && FORMULA.test(text) && !PLAIN_NUMBER.test(text)) {
      this.escapedFields++;
      text = `'${text}`;
    }
    return this.#special.test(text) ? quote + text.replaceAll(quote, quote + quote) + quote : text;
  }
}
