import { appendFile, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeCatalogue } from '../../src/index.js';
import { newCall, startDataServer, type DataServer } from './support/data-server.js';

let server: DataServer;
beforeAll(
  async () =>
    (server = await startDataServer({ data: { maxRows: 1_000, maxFieldBytes: 100_000, maxBytes: 2_000_000 } })),
);
afterAll(() => server.close());

async function csv(
  content: string | Uint8Array,
  parameters: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  await writeFile(join(server.folder, 'x.csv'), content);
  return await server.run('CSVReaderNode', { file_path: 'data/x.csv', ...parameters });
}

describe('[N1] CSVReaderNode', () => {
  it('gives records with types, and what they are', async () => {
    expect(
      await csv('id,price,ok,day,code,big\n1,2.5,true,2026-01-02,007,9007199254740993\n2,,false,2026-01-03,1,1\n'),
    ).toEqual({
      data: [
        { id: 1, price: 2.5, ok: true, day: '2026-01-02', code: '007', big: '9007199254740993' },
        { id: 2, price: null, ok: false, day: '2026-01-03', code: '1', big: '1' },
      ],
      rows: 2,
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'price', type: 'number' },
        { name: 'ok', type: 'boolean' },
        { name: 'day', type: 'date' },
        { name: 'code', type: 'text' },
        { name: 'big', type: 'text' },
      ],
      truncated: false,
      skipped_rows: 0,
      skipped: [],
      empty_rows: 0,
      renamed_columns: [],
      delimiter: ',',
    });
  });

  it('takes text as text, lists without headers, rows without value when told to', async () => {
    const untyped = await csv('a,b\n1,\n\n', { data_types_inference: false });
    expect(untyped).toMatchObject({ data: [{ a: '1', b: '' }], empty_rows: 1 });
    expect(await csv('1,x\n2,y\n', { include_headers: false })).toMatchObject({
      data: [
        [1, 'x'],
        [2, 'y'],
      ],
    });
    expect(await csv('a,b\n\n1,2\n', { skip_empty_rows: false })).toMatchObject({
      data: [
        { a: null, b: null },
        { a: 1, b: 2 },
      ],
    });
    expect(await csv('a,b\nNA,""\n', { null_values: ['NA'] })).toMatchObject({ data: [{ a: null, b: '' }] });
  });

  it.each([
    [';', 'a;b\n1;2,5\n'],
    ['\t', 'a\tb\n1\t2\n'],
    ['|', 'a|b\n1|2\n'],
    [',', 'a,b\n"x;y;z",2\n'],
  ])('finds the delimiter %j', async (delimiter, content) => {
    expect(await csv(content, { delimiter: 'auto' })).toMatchObject({
      delimiter,
      rows: 1,
      columns: [{ name: 'a' }, { name: 'b' }],
    });
  });

  it.each([
    ['utf-8', Buffer.from('\uFEFFä,b\n€,😀\n')],
    ['utf-16le', Buffer.from('\uFEFFä,b\n€,😀\n', 'utf16le')],
    ['utf-16be', Buffer.from('\uFEFFä,b\n€,😀\n', 'utf16le').swap16()],
  ])('reads %s with its mark', async (encoding, content) => {
    expect(await csv(content, { encoding })).toMatchObject({ data: [{ ä: '€', b: '😀' }] });
  });

  it('reads one-byte encodings, and refuses bytes that an encoding does not have', async () => {
    const bytes = Buffer.from([0xe4, 0x2c, 0x62, 0x0a, 0x80, 0x2c, 0x31, 0x0a]);
    expect(await csv(bytes, { encoding: 'windows-1252' })).toMatchObject({ data: [{ ä: '€', b: 1 }] });
    expect(await csv(bytes, { encoding: 'latin1' })).toMatchObject({ data: [{ ä: '\u0080', b: 1 }] });
    await expect(csv(bytes)).rejects.toThrow('data/x.csv is not utf-8');
    await expect(csv(Buffer.from('\uFEFFa', 'utf16le'))).rejects.toThrow('it looks like utf-16le');
    await expect(csv('a', { encoding: 'uft-8' })).rejects.toThrow('Did you mean "utf-8"?');
  });

  it('names the line of a faulty row', async () => {
    await expect(csv('a,b\n1,2\n"x\ny",1\n1,2,3\n')).rejects.toThrow(
      'data/x.csv, line 5: the row has 3 fields where 2 are expected',
    );
    await expect(csv('a,b\n1\n')).rejects.toThrow('line 2: the row has 1 field where 2');
    await expect(csv('a,b\n1,"2"3\n')).rejects.toThrow('line 2: the row has text after a closing quote');
    await expect(csv('a,b\n1,"2\n3,4\n')).rejects.toThrow('line 2: the row has a quote that is not closed');
    await expect(csv('a,b\n1,x\0\n')).rejects.toThrow('line 2: the row holds a NUL character');
  });

  it('passes over faulty rows when told to, counts them and names the first', async () => {
    expect(await csv('a,b\n1\n3,4\n"5"x,6\n7,8\n9,"0\n', { on_error: 'skip' })).toMatchObject({
      data: [
        { a: 3, b: 4 },
        { a: 7, b: 8 },
      ],
      skipped_rows: 3,
      skipped: [{ line: 2 }, { line: 4 }, { line: 6 }],
    });
  });

  it('gives every column a name of its own', async () => {
    const { data, renamed_columns } = await csv('a,a,,__proto__,constructor\n1,2,3,4,5\n');
    expect(data).toEqual([{ a: 1, a_2: 2, column_3: 3, column_4: 4, constructor: 5 }]);
    expect(renamed_columns).toEqual([
      { position: 2, header: 'a', name: 'a_2' },
      { position: 3, header: '', name: 'column_3' },
      { position: 4, header: '__proto__', name: 'column_4' },
    ]);
  });

  it('bounds rows, bytes and fields', async () => {
    const many = `a\n${'1\n'.repeat(2_000)}`;
    expect(await csv(many)).toMatchObject({ rows: 1_000, truncated: true });
    expect(await csv(many, { max_rows: 3, skip_rows: 1_998 })).toMatchObject({ rows: 2, truncated: false });
    await expect(csv(many, { max_rows: 5_000 })).rejects.toThrow('max_rows: must be at most 1000');
    const wide = await csv(`a\n${`${'y'.repeat(50_000)}\n`.repeat(100)}`);
    expect(wide).toMatchObject({ truncated: true });
    await expect(csv(`a\n"${'y'.repeat(10_000_000)}"\n`)).rejects.toThrow(
      /line 2: the row is longer than 100000 characters/,
    );
  });

  it('reads an empty table, and says of an empty file what to do', async () => {
    expect(await csv('a,b\n')).toMatchObject({
      data: [],
      columns: [
        { name: 'a', type: 'empty' },
        { name: 'b', type: 'empty' },
      ],
    });
    await expect(csv('')).rejects.toThrow('it is empty');
  });

  it('[N6] names wrong parameters', async () => {
    await expect(csv('a', { include_headers: 'false', delimeter: ';' })).rejects.toThrow(
      /parameters of CSVReaderNode.*include_headers/,
    );
    await expect(csv('a', { delimiter: '::' })).rejects.toThrow(/delimiter/);
  });

  it('stops when nobody waits any more', async () => {
    await appendFile(join(server.folder, 'long.csv'), `a\n${'1\n'.repeat(1_000_000)}`);
    const call = newCall();
    const running = server.run('CSVReaderNode', { file_path: 'data/long.csv', skip_rows: 10_000_000 }, call);
    call.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reads what CSVWriterNode wrote, whatever the values', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '=', '-', ',', ';', '"', "'", '\n', '\r', ' ', 'é', '😀', '1', '.', '\t'),
      maxLength: 8,
    });
    const rows = fc.array(
      fc.tuple(
        text,
        text,
        fc.option(fc.integer(), { nil: null }),
        fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null }),
        fc.boolean(),
      ),
      { minLength: 1, maxLength: 8 },
    );
    const dialect = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      quote_char: fc.constantFrom('"', "'"),
      encoding: fc.constantFrom('utf-8', 'utf-16le'),
    });
    const lineEnd = fc.constantFrom('lf', 'crlf');
    await fc.assert(
      fc.asyncProperty(rows, dialect, lineEnd, async (values, as, line_ending) => {
        // The first letter keeps texts from being numbers; what reading makes of numbers in texts is its inference.
        const data = values.map(([one, two, int, double, yes]) => ({
          one: `t${one}`,
          '"two"': two,
          int,
          double: double === 0 ? 0 : double,
          yes,
        }));
        await server.run('CSVWriterNode', {
          file_path: 'data/round.csv',
          data,
          ...as,
          line_ending,
          escape_formulas: false,
          overwrite: true,
        });
        const typedBack = await server.run('CSVReaderNode', { file_path: 'data/round.csv', ...as });
        const textBack = await server.run('CSVReaderNode', {
          file_path: 'data/round.csv',
          ...as,
          data_types_inference: false,
        });
        const read = typedBack['data'] as Record<string, unknown>[];
        expect(read.map(({ one, int, double, yes }) => ({ one, int, double, yes }))).toEqual(
          data.map(({ one, int, double, yes }) => ({ one, int, double, yes })),
        );
        expect((textBack['data'] as Record<string, unknown>[]).map((row) => row['"two"'])).toEqual(
          data.map((row) => row['"two"']),
        );
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  it('keeps spreadsheets from computing texts, and says how many', async () => {
    const data = [{ a: '=1+1', b: '-5', c: -5, d: '@x', e: 'fine' }];
    const written = await server.run('CSVWriterNode', { file_path: 'data/f.csv', data, overwrite: true });
    expect(written).toMatchObject({ escaped_fields: 2, rows: 1 });
    const { text } = await server.run('TextReaderNode', { file_path: 'data/f.csv' });
    expect(text).toBe("a,b,c,d,e\n'=1+1,-5,-5,'@x,fine\n");
    await expect(
      server.run('CSVWriterNode', { file_path: 'data/g.csv', data: [{ a: '€' }], encoding: 'latin1' }),
    ).rejects.toThrow('latin1 has no U+20AC');
  });
});

describe('JSON nodes', () => {
  it('read parts, and lines, and name the place of a fault', async () => {
    await server.run('JSONWriterNode', {
      file_path: 'data/a.json',
      data: { o: [{ 'a.b': 1 }, { 'a.b': 2 }] },
      overwrite: true,
    });
    const read = (path: string) => server.run('JSONReaderNode', { file_path: 'data/a.json', path });
    expect(await read('o[*]["a.b"]')).toMatchObject({ data: [1, 2], rows: 2 });
    expect(await read('$.o[1]')).toMatchObject({ data: { 'a.b': 2 }, rows: null });
    await expect(read('o[2]')).rejects.toThrow('leads nowhere at $.o[2]: the list has 2 elements');
    await server.run('JSONWriterNode', { file_path: 'data/a.jsonl', data: [{ a: 1 }, [2]], overwrite: true });
    expect(await server.run('JSONReaderNode', { file_path: 'data/a.jsonl' })).toMatchObject({ data: [{ a: 1 }, [2]] });
    await writeFile(join(server.folder, 'b.jsonl'), '1\n{secret\n3');
    await expect(server.run('JSONReaderNode', { file_path: 'data/b.jsonl' })).rejects.toThrow(
      'data/b.jsonl, line 2: it is no JSON',
    );
    expect(await server.run('JSONReaderNode', { file_path: 'data/b.jsonl', on_error: 'skip' })).toMatchObject({
      data: [1, 3],
      skipped_rows: 1,
    });
    await writeFile(join(server.folder, 'c.json'), '{\n "a": secret }');
    await expect(server.run('JSONReaderNode', { file_path: 'data/c.json' })).rejects.toThrow(
      /^data\/c\.json is no JSON(?!.*secret)/,
    );
  });
});

describe('data nodes', () => {
  it('[N6] run the examples of the transforming ones', async () => {
    for (const { type, category, examples } of server.running.app
      .get(NodeCatalogue)
      .list()
      .filter((one) => one.category === 'transform')) {
      expect(category).toBe('transform');
      expect(examples.length, type).toBeGreaterThan(0);
      for (const { parameters } of examples) await expect(server.run(type, parameters), type).resolves.toBeDefined();
    }
  });

  it('leave nothing open after 10,000 runs', async () => {
    await writeFile(join(server.folder, 'small.csv'), 'a,b\n1,2\n');
    const open = () => readdirSync('/proc/self/fd').length;
    const call = newCall();
    await server.run('StatisticsNode', { file_path: 'data/small.csv' }, call);
    const before = open();
    for (let count = 0; count < 9_900; count++)
      await server.run('CSVReaderNode', { file_path: 'data/small.csv' }, call);
    for (let count = 0; count < 100; count++) await server.run('StatisticsNode', { file_path: 'data/small.csv' }, call);
    expect(open()).toBeLessThanOrEqual(before);
  }, 60_000);
});
