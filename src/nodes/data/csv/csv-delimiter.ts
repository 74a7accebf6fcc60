import { CsvParser, type CsvDialect } from './csv-parser.js';

const CANDIDATES = [',', ';', '\t', '|'] as const;
const ROWS = 50;

/**
 * The delimiter with which the beginning of a file makes the most even table: of those that give every row the same
 * number of fields, two at least, the one with the most; a comma when there is none.
 *
 * @param sample - the beginning of a file; its last row may be cut off
 */
export function detectDelimiter(sample: string, dialect: Omit<CsvDialect, 'delimiter'>): string {
  let best: string = ',';
  let most = 1;
  for (const delimiter of CANDIDATES) {
    const parser = new CsvParser({ ...dialect, delimiter });
    const complete = parser.push(sample);
    const rows = (complete.length === 0 ? parser.end() : complete).filter(({ fields }) => fields.length > 0);
    const widths = rows.filter(({ fields: [first, ...rest] }) => first !== null || rest.length > 0).slice(0, ROWS);
    const width = widths[0]?.fields.length ?? 0;
    if (width > most && widths.every(({ fields }) => fields.length === width)) {
      best = delimiter;
      most = width;
    }
  }
  return best;
}
