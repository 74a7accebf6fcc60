import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv.js';
import { readSeed } from './seed-rows.js';

describe('comma-separated values', () => {
  it('may be quoted, span lines, and end with or without a line break', () => {
    const expected = {
      columns: ['a', 'b'],
      rows: [
        ['1', 'x, "y"\nz'],
        ['2', ''],
      ],
    };
    expect(parseCsv('a,b\r\n1,"x, ""y""\nz"\r\n2,\r\n')).toEqual(expected);
    expect(parseCsv('\uFEFFa,b\n1,"x, ""y""\nz"\n\n2,')).toEqual(expected);
  });

  it.each([
    ['nothing', '', /is empty/],
    ['a short record', 'a,b\n"1\n2",3\n4\n', /Line 4 has 1 fields/],
    ['a long record', 'a,b\n1,2,3\n', /Line 2 has 3 fields/],
    ['an open quote', 'a,b\n1,"2\n', /Line 2 has a quote/],
    ['a quote within', 'a,b\n1,2"3"\n', /Line 2 has a quote/],
  ])('that are %s are refused', (_what, text, message) => {
    expect(() => parseCsv(text)).toThrow(message);
  });
});

describe('a seed file', () => {
  it('of CSV gives columns the type that all their fields have', () => {
    const { columns, rows } = readSeed('i,r,b,t,n,e\n1,1.5,true,007,2,\n-2,3,false,8,,\n', 'csv');
    expect(Object.fromEntries(columns)).toEqual({
      i: 'integer',
      r: 'real',
      b: 'boolean',
      t: 'text',
      n: 'integer',
      e: 'text',
    });
    expect(rows).toEqual([
      [1, 1.5, true, '007', 2, null],
      [-2, 3, false, '8', null, null],
    ]);
  });

  it('of JSON is a list of objects, which need not all have the same keys', () => {
    const { columns, rows } = readSeed('[{"id":1,"x":"a"},{"id":2,"y":0.5},{"id":3,"x":7}]', 'json');
    expect(Object.fromEntries(columns)).toEqual({ id: 'integer', x: 'text', y: 'real' });
    expect(rows).toEqual([
      [1, 'a', null],
      [2, null, 0.5],
      [3, '7', null],
    ]);
  });

  it.each<[string, string, 'csv' | 'json', RegExp]>([
    ['a column with an odd name', 'a b\n1\n', 'csv', /not made of letters/],
    ['two columns of one name', 'a,a\n1,2\n', 'csv', /Two columns have one name/],
    ['no rows', 'a\n', 'csv', /There are no rows/],
    ['nested values', '[{"a":{}}]', 'json', /Expected a list of objects/],
    ['no list', '{"a":1}', 'json', /Expected a list of objects/],
  ])('with %s is refused', (_what, text, format, message) => {
    expect(() => readSeed(text, format)).toThrow(message);
  });
});
