/**
 * Reads comma-separated values (RFC 4180), the first record being the names of the columns. For the small files that fill
 * demonstration tables.
 *
 * @throws Error naming the line of a quote that is not where it belongs, and of a record that is too short or long
 */
export function parseCsv(text: string): { readonly columns: readonly string[]; readonly rows: readonly string[][] } {
  const records = new Records(text.replace(/^\uFEFF/, '')).read();
  const [header, ...rest] = records;
  if (header === undefined) throw new Error('The file is empty: expected a line with the names of the columns.');
  const wrong = rest.find(({ fields }) => fields.length !== header.fields.length);
  if (wrong !== undefined) {
    const { line, fields } = wrong;
    throw new Error(
      `Line ${line} has ${fields.length} fields, and the first line names ${header.fields.length} columns.`,
    );
  }
  return { columns: header.fields, rows: rest.map(({ fields }) => fields) };
}

interface Record {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly fields: string[];
}

/** A field, quoted or plain, and what ends it. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

class Records {
  #line = 1;

  constructor(private readonly text: string) {}

  read(): readonly Record[] {
    const records: Record[] = [];
    let current: Record = { line: 1, fields: [] };
    for (let at = 0; at < this.text.length || current.fields.length > 0;) {
      FIELD.lastIndex = at;
      const match = FIELD.exec(this.text);
      if (match === null) throw new Error(`Line ${this.#line} has a quote that is not where it belongs.`);
      const [whole, quoted, plain = '', end = ''] = match;
      this.#line += whole.split('\n').length - 1;
      at += whole.length;
      current.fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
      if (end === ',') continue;
      if (whole.trim() !== '' || current.fields.length > 1) records.push(current);
      current = { line: this.#line, fields: [] };
    }
    return records;
  }
}
