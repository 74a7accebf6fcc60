import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDataServer, type DataServer } from './support/data-server.js';

let server: DataServer;

beforeAll(async () => {
  server = await startDataServer({ data: { maxRows: 5_000, maxBytes: 300_000 } });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const write = (name: string, query: string) =>
    connection.run(`COPY (${query}) TO '${server.folder}/${name}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  await write(
    'numbers.parquet',
    "SELECT range AS n, range % 3 AS kind, 'row ' || range AS text FROM range(100000) ORDER BY n",
  );
  await write(
    'types.parquet',
    `SELECT 1.25::DECIMAL(9,2) AS short_decimal,
      12345678901234567890.12::DECIMAL(38,2) AS long_decimal,
      TIMESTAMP '2026-01-02 03:04:05.678' AS at,
      TIMESTAMPTZ '2026-01-02 03:04:05.678+02' AS at_zone,
      DATE '2026-01-02' AS day,
      [1, NULL, 3] AS list,
      {'name': 'Ada', 'inner': {'big': 9007199254740993}} AS struct,
      MAP {'a': 1} AS map,
      '\\x00\\xFF'::BLOB AS bytes,
      9007199254740993 AS big,
      'NaN'::DOUBLE AS nan,
      true AS yes,
      NULL::INTEGER AS nothing`,
  );
  await write('sales.parquet', "SELECT * FROM (VALUES ('north', 1), ('north', 2), ('south', 5)) t(region, amount)");
  connection.closeSync();
  instance.closeSync();
});
afterAll(() => server.close());

const read = (file: string, more: Record<string, unknown> = {}) =>
  server.run('ParquetReaderNode', { file_path: `data/${file}`, ...more });

describe('ParquetReaderNode', () => {
  it('reads the columns asked for, in the order of the file', async () => {
    const { data, rows, columns, truncated } = await read('numbers.parquet', {
      columns: ['text', 'n'],
      max_rows: 4_000,
    });
    expect(columns).toEqual([
      { name: 'text', type: 'VARCHAR' },
      { name: 'n', type: 'BIGINT' },
    ]);
    expect(data).toEqual(Array.from({ length: 4_000 }, (_, n) => ({ text: `row ${n}`, n })));
    expect({ rows, truncated }).toEqual({ rows: 4_000, truncated: true });
  });

  it('reads on behind rows that are passed over, and says when that is the end', async () => {
    expect(await read('numbers.parquet', { skip_rows: 99_998 })).toMatchObject({
      data: [
        { n: 99_998, kind: 2, text: 'row 99998' },
        { n: 99_999, kind: 0, text: 'row 99999' },
      ],
      rows: 2,
      truncated: false,
    });
  });

  it('ends at the bytes that there is room for', async () => {
    const { data, rows, truncated } = await read('numbers.parquet');
    expect(truncated).toBe(true);
    expect(rows).toBeLessThan(5_000 + 1);
    expect(JSON.stringify(data).length).toBeLessThanOrEqual(300_000 + 2);
  });

  it('gives every type as JSON, without loss', async () => {
    const { data } = await read('types.parquet');
    expect(data).toEqual([
      {
        short_decimal: 1.25,
        long_decimal: '12345678901234567890.12',
        at: '2026-01-02T03:04:05.678',
        at_zone: '2026-01-02T01:04:05.678Z',
        day: '2026-01-02',
        list: [1, null, 3],
        struct: { name: 'Ada', inner: { big: '9007199254740993' } },
        map: [{ key: 'a', value: 1 }],
        bytes: 'AP8=',
        big: '9007199254740993',
        nan: null,
        yes: true,
        nothing: null,
      },
    ]);
  });

  it('[N6] names the column that a wrong one may have been meant for', async () => {
    await expect(read('numbers.parquet', { columns: ['knid'] })).rejects.toThrow(
      /parameters of ParquetReaderNode.*no column "knid".*did you mean "kind"\?/,
    );
  });
});

describe('a Parquet file elsewhere', () => {
  it('is grouped, and described', async () => {
    const file_path = 'data/sales.parquet';
    const aggregations = [{ function: 'sum', column: 'amount', as: 'total' }];
    expect(await server.run('AggregateNode', { file_path, group_by: ['region'], aggregations })).toMatchObject({
      data: [
        { region: 'north', total: 3 },
        { region: 'south', total: 5 },
      ],
    });
    expect(JSON.stringify(await server.run('StatisticsNode', { file_path }))).toContain('amount');
  });

  it('is a table of a query', async () => {
    const query = 'SELECT region, max(amount) AS most FROM sales GROUP BY region ORDER BY region';
    const tables = { sales: 'data/sales.parquet' };
    expect(await server.run('SQLDatabaseNode', { connection: 'duckdb', query, tables })).toMatchObject({
      data: [
        { region: 'north', most: 2 },
        { region: 'south', most: 5 },
      ],
    });
  });
});
