/** How a file is written. */
export interface CsvDialect {
  /** One character. */
  readonly delimiter: string;
  /** One character; empty for none: quotes are characters like others then. */
  readonly quote: string;
  /** What makes a quote in a quoted field one of the text: the quote itself (doubled), or another character before it. */
  readonly escape: string;
  /** Characters of one row at the most. */
  readonly maxRecord: number;
}

/** A row, or what is wrong with it. */
export interface CsvRecord {
  /** Where it begins; the first line is 1. */
  readonly line: number;
  /** Its fields; `null` where there is nothing, not even quotes. */
  readonly fields: readonly (string | null)[];
  /** Why it is no row; it has no fields then. */
  readonly fault?: string;
}

const LF = 10;
const CR = 13;
/** Rows that are read again because a quote was never closed: each may cost `maxRecord`. */
const MOST_RECOVERIES = 1_000;

type State = 'record' | 'field' | 'plain' | 'quoted' | 'after-quote' | 'faulty' | 'after-cr';

/**
 * Reads RFC 4180 from text that comes in pieces, each character once, and judges every row by itself.
 *
 * Lines end in LF, CRLF or CR. A field is quoted when a quote is its first character; a quote further on is text, as most
 * programs write inches. After the closing quote comes the delimiter or the line's end, else the row is faulty. A quote
 * that is not closed makes a fault of the row in whose line it stands; reading goes on with the next line. It keeps no
 * more than one row.
 */
export class CsvParser {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  #text = '';
  #position = 0;
  /** Of the row in `#text`. */
  #start = 0;
  #fieldStart = 0;
  #state: State = 'record';
  #fields: (string | null)[] = [];
  #line = 1;
  #hasQuotes = false;
  #hasEscapes = false;
  /** Whether what comes next stands for itself. */
  #isEscaped = false;
  #fault: string | undefined;
  /** Lines of the faulty row. */
  #faultLines = 1;
  #recoveries = 0;
  #records: CsvRecord[] = [];

  constructor(private readonly dialect: CsvDialect) {
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0);
    this.#escape = dialect.escape === '' ? this.#quote : dialect.escape.charCodeAt(0);
  }

  /** The rows that end in this piece. */
  push(text: string): readonly CsvRecord[] {
    this.#text = this.#text.slice(this.#start) + text;
    this.#position -= this.#start;
    this.#fieldStart -= this.#start;
    this.#start = 0;
    return this.#scan(false);
  }

  /** The rows that end with the text. */
  end(): readonly CsvRecord[] {
    return this.#scan(true);
  }

  #scan(last: boolean): readonly CsvRecord[] {
    this.#records = [];
    for (;;) {
      this.#run();
      if (!last && this.#position - this.#start > this.dialect.maxRecord && this.#state !== 'faulty') this.#tooLong();
      const more = this.#position < this.#text.length || (last && this.#finish());
      if (!more) break;
    }
    if (this.#state === 'faulty') this.#start = this.#position;
    return this.#records;
  }

  /** As far as the text goes. */
  #run(): void {
    while (this.#position < this.#text.length) {
      switch (this.#state) {
        case 'after-cr':
          if (this.#text.charCodeAt(this.#position) === LF) this.#position++;
          this.#start = this.#position;
          this.#state = 'record';
          break;
        case 'record':
        case 'field':
          this.#beginField();
          break;
        case 'plain':
          this.#plain();
          break;
        case 'quoted':
          this.#quoted();
          break;
        case 'after-quote':
          this.#afterQuote();
          break;
        case 'faulty':
          this.#skipLine();
          break;
      }
    }
  }

  #beginField(): void {
    if (this.#text.charCodeAt(this.#position) === this.#quote) {
      this.#position++;
      this.#hasQuotes = true;
      this.#hasEscapes = false;
      this.#state = 'quoted';
    } else {
      this.#state = 'plain';
    }
    this.#fieldStart = this.#position;
  }

  #plain(): void {
    const text = this.#text;
    const delimiter = this.#delimiter;
    let position = this.#position;
    let code = 0;
    for (; position < text.length; position++) {
      code = text.charCodeAt(position);
      if (code === delimiter || code === LF || code === CR) break;
    }
    this.#position = position;
    if (position === text.length) return;
    this.#endPlain();
    this.#after(code);
  }

  #endPlain(): void {
    this.#fields.push(this.#fieldStart === this.#position ? null : this.#text.slice(this.#fieldStart, this.#position));
  }

  /** Past the delimiter or the line's end that a field ended with. */
  #after(code: number): void {
    if (code === this.#delimiter) {
      this.#position++;
      this.#state = 'field';
    } else {
      this.#endRecord(code);
    }
  }

  #quoted(): void {
    const text = this.#text;
    for (; this.#position < text.length; this.#position++) {
      const code = text.charCodeAt(this.#position);
      if (this.#isEscaped) {
        this.#isEscaped = false;
        continue;
      }
      if (code === this.#quote) {
        this.#position++;
        this.#state = 'after-quote';
        return;
      }
      if (code === this.#escape) {
        this.#hasEscapes = true;
        this.#isEscaped = true;
      }
    }
  }

  #afterQuote(): void {
    const code = this.#text.charCodeAt(this.#position);
    if (code === this.#quote && this.#escape === this.#quote) {
      this.#hasEscapes = true;
      this.#position++;
      this.#state = 'quoted';
    } else if (code === this.#delimiter || code === LF || code === CR) {
      this.#endQuoted(this.#position - 1);
      this.#after(code);
    } else {
      this.#fail('has text after a closing quote; a quote in a quoted field is written twice');
    }
  }

  #endQuoted(end: number): void {
    const raw = this.#text.slice(this.#fieldStart, end);
    this.#fields.push(this.#hasEscapes ? this.#unescaped(raw) : raw);
  }

  #unescaped(raw: string): string {
    const { quote, escape } = this.dialect;
    if (escape === '' || escape === quote) return raw.replaceAll(quote + quote, quote);
    let text = '';
    for (let at = 0; at < raw.length; at++) text += raw[at] === escape ? (raw[++at] ?? '') : raw[at];
    return text;
  }

  #fail(fault: string): void {
    this.#fault = fault;
    this.#faultLines = this.#hasQuotes ? this.#linesInRecord() : 1;
    this.#state = 'faulty';
  }

  #skipLine(): void {
    for (; this.#position < this.#text.length; this.#position++) {
      const code = this.#text.charCodeAt(this.#position);
      if (code === LF || code === CR) {
        this.#endRecord(code);
        return;
      }
    }
  }

  #endRecord(code: number): void {
    const line = this.#line;
    if (this.#fault !== undefined) this.#line += this.#faultLines;
    else this.#line += this.#hasQuotes ? this.#linesInRecord() : 1;
    this.#emit(line);
    this.#position++;
    this.#start = this.#position;
    this.#state = code === CR ? 'after-cr' : 'record';
  }

  #emit(line: number): void {
    const { maxRecord } = this.dialect;
    if (this.#position - this.#start > maxRecord) this.#fault ??= `is longer than ${maxRecord} characters`;
    if (this.#fault === undefined) this.#records.push({ line, fields: this.#fields });
    else this.#records.push({ line, fields: [], fault: this.#fault });
    this.#fields = [];
    this.#hasQuotes = false;
    this.#fault = undefined;
  }

  /** Of the row and its end. */
  #linesInRecord(): number {
    const record = this.#text.slice(this.#start, this.#position);
    return (record.match(/\r\n|\n|\r/g)?.length ?? 0) + 1;
  }

  #tooLong(): void {
    const fault = `is longer than ${this.dialect.maxRecord} characters`;
    if (this.#state !== 'quoted' || !this.#resume(`${fault}, or a quote in it is not closed`)) this.#fail(fault);
  }

  /** At the end of the text. @returns whether there is more to read */
  #finish(): boolean {
    if (this.#state === 'quoted') {
      const fault = 'has a quote that is not closed';
      if (this.#resume(fault)) return this.#position < this.#text.length;
      this.#fault = fault;
    } else if (this.#state === 'plain') {
      this.#endPlain();
    } else if (this.#state === 'after-quote') {
      this.#endQuoted(this.#position - 1);
    } else if (this.#state === 'field') {
      this.#fields.push(null);
    }
    if (this.#state !== 'record' && this.#state !== 'after-cr') this.#emit(this.#line);
    this.#state = 'record';
    this.#start = this.#position;
    return false;
  }

  /** Makes a fault of the line that the row begins in, and goes on after it. */
  #resume(fault: string): boolean {
    const end = this.#text.slice(this.#start).search(/[\r\n]/);
    if (end === -1 || ++this.#recoveries > MOST_RECOVERIES) return false;
    this.#position = this.#start + end;
    this.#fault = fault;
    this.#faultLines = 1;
    this.#fields = [];
    this.#endRecord(this.#text.charCodeAt(this.#position));
    return true;
  }
}
