import fc from 'fast-check';
import papaparse from 'papaparse';
import { describe, expect, it } from 'vitest';
import { CsvParser, type CsvDialect, type CsvRecord } from './csv-parser.js';

const DIALECT: CsvDialect = { delimiter: ',', quote: '"', escape: '"', maxRecord: 1_000 };

function parse(text: string, dialect: Partial<CsvDialect> = {}, size = text.length || 1): CsvRecord[] {
  const parser = new CsvParser({ ...DIALECT, ...dialect });
  const records: CsvRecord[] = [];
  for (let at = 0; at < text.length; at += size) records.push(...parser.push(text.slice(at, at + size)));
  return [...records, ...parser.end()];
}

describe('CsvParser', () => {
  it('[N1] reads quotes, doubled quotes, line ends in fields, CRLF and a last line without an end', () => {
    expect(parse('a,"b ""x""",\r\n"1\n2",,"" \n3')).toEqual([
      { line: 1, fields: ['a', 'b "x"', null] },
      { line: 2, fields: [], fault: expect.stringContaining('text after a closing quote') },
      { line: 4, fields: ['3'] },
    ]);
    expect(parse('"1\n2",""\ra,b"c\n')).toEqual([
      { line: 1, fields: ['1\n2', ''] },
      { line: 3, fields: ['a', 'b"c'] },
    ]);
  });

  it('[N1] names the line of a quote that is not closed, and goes on after it', () => {
    expect(parse('a,b\n1,"x\n2,y\n3,z\n')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: [], fault: 'has a quote that is not closed' },
      { line: 3, fields: ['2', 'y'] },
      { line: 4, fields: ['3', 'z'] },
    ]);
  });

  it('[N1] keeps no more of a row than it may have', () => {
    const long = 'x'.repeat(5_000);
    for (const text of [`a\n${long}\nb`, `a\n"${long}"\nb`]) {
      for (const size of [100, 10_000]) {
        const [first, second, third] = parse(text, {}, size);
        expect(first?.fields).toEqual(['a']);
        expect(second).toMatchObject({ line: 2, fault: expect.stringContaining('longer than 1000') });
        expect(third).toEqual({ line: 3, fields: ['b'] });
      }
    }
  });

  it('[N1] takes other quotes, none, and an escape character', () => {
    expect(parse("'a;b';c", { quote: "'", escape: "'", delimiter: ';' })[0]?.fields).toEqual(['a;b', 'c']);
    expect(parse('"a",b', { quote: '', escape: '' })[0]?.fields).toEqual(['"a"', 'b']);
    for (const size of [1, 2, 3, 100]) {
      expect(parse('"a\\"b\\\\",c', { escape: '\\' }, size)[0]?.fields).toEqual(['a"b\\', 'c']);
    }
  });

  it('[N1] reads the same however the text is cut, and as papaparse does where that finds no fault', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r\n', ' '), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (csv, size) => {
        const whole = parse(csv);
        expect(parse(csv, {}, size)).toEqual(whole);
        const theirs = papaparse.parse<string[]>(csv, { delimiter: ',', newline: '\n', skipEmptyLines: false });
        if (theirs.errors.length > 0 || csv.includes('\r') || csv === '') return;
        const rows = csv.endsWith('\n') ? theirs.data.slice(0, -1) : theirs.data;
        if (whole.some(({ fault }) => fault !== undefined)) return;
        expect(whole.map(({ fields }) => fields.map((field) => field ?? ''))).toEqual(rows);
      }),
      { seed: 7, numRuns: 5_000 },
    );
  });
});
