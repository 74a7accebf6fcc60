import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import reference from '../../src/nodes/data/statistics/pandas-reference.json' with { type: 'json' };
import { newCall, startDataServer, type DataServer } from './support/data-server.js';

let server: DataServer;
beforeAll(async () => (server = await startDataServer()));
afterAll(() => server.close());

const people = [
  { id: 1, team: 'a', score: 3 },
  { id: 2, team: 'b', score: null },
  { id: 3, team: 'a', score: 5 },
];

describe('transforming nodes', () => {
  it('filter by conditions, and name a column that is none', async () => {
    const filter = (condition: unknown) => server.run('FilterNode', { data: people, condition });
    expect(await filter({ column: 'score', operator: 'greater', value: 4 })).toMatchObject({
      data: [{ id: 3 }],
      removed_rows: 2,
    });
    const both = {
      all: [{ column: 'team', operator: 'in', values: ['a'] }, { not: { column: 'id', operator: 'equals', value: 1 } }],
    };
    expect(await filter(both)).toMatchObject({ data: [{ id: 3 }] });
    expect(
      await filter({
        any: [
          { column: 'score', operator: 'is_missing' },
          { column: 'id', operator: 'equals', value: '1' },
        ],
      }),
    ).toMatchObject({ data: [{ id: 2 }] });
    await expect(filter({ column: 'scoer', operator: 'is_missing' })).rejects.toThrow('did you mean "score"?');
  });

  it('sort with missing values last, either way', async () => {
    const ids = async (direction: string) =>
      (
        (await server.run('SortNode', { data: people, by: [{ column: 'score', direction }] }))['data'] as {
          id: number;
        }[]
      ).map(({ id }) => id);
    expect(await ids('ascending')).toEqual([1, 3, 2]);
    expect(await ids('descending')).toEqual([3, 1, 2]);
  });

  it('change rows step by step', async () => {
    const operations = [
      {
        operation: 'compute',
        column: 'double',
        from: { function: 'multiply', arguments: [{ column: 'score' }, { value: 2 }] },
      },
      { operation: 'cast', column: 'id', type: 'text' },
      { operation: 'rename', columns: { team: 'group' } },
      { operation: 'drop', columns: ['score'] },
      { operation: 'limit', rows: 2 },
    ];
    expect(await server.run('DataTransformer', { data: people, operations })).toEqual({
      data: [
        { id: '1', group: 'a', double: 6 },
        { id: '2', group: 'b', double: null },
      ],
      rows: 2,
    });
    const cast = { operation: 'cast', column: 'team', type: 'integer' };
    await expect(server.run('DataTransformer', { data: people, operations: [cast] })).rejects.toThrow(
      'Row 1: the value of "team" is no integer',
    );
  });

  it('map rows to new ones', async () => {
    const fields = { label: { function: 'concat', arguments: [{ column: 'team' }, { value: '-' }, { column: 'id' }] } };
    expect((await server.run('MapNode', { data: people, fields }))['data']).toEqual([
      { label: 'a-1' },
      { label: 'b-2' },
      { label: 'a-3' },
    ]);
  });

  it('join as SQL does', async () => {
    const right = [
      { team: 'a', id: 10 },
      { team: 'c', id: 11 },
    ];
    const joined = async (how: string) =>
      (await server.run('JoinNode', { left: people, right, on: [{ left: 'team', right: 'team' }], how }))['data'];
    expect(await joined('inner')).toEqual([
      { id: 1, team: 'a', score: 3, id_right: 10 },
      { id: 3, team: 'a', score: 5, id_right: 10 },
    ]);
    expect(await joined('left')).toHaveLength(3);
    expect(await joined('right')).toHaveLength(3);
    expect(await joined('full')).toContainEqual({ id: null, team: 'c', score: null, id_right: 11 });
  });

  it('aggregate rows and files to the same', async () => {
    await writeFile(join(server.folder, 'people.csv'), 'id,team,score\n1,a,3\n2,b,\n3,a,5\n');
    const functions = ['count', 'sum', 'mean', 'median', 'std', 'min', 'max', 'count_distinct'];
    const wanted = { group_by: ['team'], aggregations: functions.map((name) => ({ function: name, column: 'score' })) };
    const ofRows = await server.run('AggregateNode', { data: people, ...wanted });
    expect(ofRows['data']).toEqual([
      {
        team: 'a',
        count_score: 2,
        sum_score: 8,
        mean_score: 4,
        median_score: 4,
        std_score: Math.SQRT2,
        min_score: 3,
        max_score: 5,
        count_distinct_score: 2,
      },
      {
        team: 'b',
        count_score: 0,
        sum_score: null,
        mean_score: null,
        median_score: null,
        std_score: null,
        min_score: null,
        max_score: null,
        count_distinct_score: 0,
      },
    ]);
    const ofFile = await server.run('AggregateNode', { file_path: 'data/people.csv', ...wanted });
    expect(ofFile).toEqual(ofRows);
    await expect(server.run('AggregateNode', { ...wanted })).rejects.toThrow('either `data` or `file_path`');
  });

  it.each(reference.cases)('describe files as rows: $name', async ({ cleaned, statistics, correlation }) => {
    await server.run('CSVWriterNode', { file_path: 'data/s.csv', data: cleaned, overwrite: true });
    const described = await server.run('StatisticsNode', { file_path: 'data/s.csv' });
    const correlated = await server.run('CorrelationNode', { file_path: 'data/s.csv' });
    for (const [column, figures] of Object.entries(statistics as Record<string, Record<string, number>>)) {
      const ours = (described['statistics'] as Record<string, Record<string, number>>)[column];
      for (const [name, value] of Object.entries(figures)) {
        expect(Math.abs((ours?.[name] ?? Number.NaN) - value), `${column}.${name}`).toBeLessThanOrEqual(
          1e-9 * Math.max(1, Math.abs(value)),
        );
      }
      for (const [other, value] of Object.entries(
        (correlation as unknown as Record<string, Record<string, number>>)[column] ?? {},
      )) {
        const found = (correlated['correlation_matrix'] as Record<string, Record<string, number>>)[column]?.[other];
        expect(Math.abs((found ?? Number.NaN) - value), `${column}/${other}`).toBeLessThanOrEqual(1e-9);
      }
    }
  });

  it('correlate a column that does not vary with nothing, in rows and in files', async () => {
    const data = [1, 2, 4].map((n) => ({ n, twice: 2 * n, same: 7 }));
    await server.run('CSVWriterNode', { file_path: 'data/same.csv', data, overwrite: true });
    for (const given of [{ data }, { file_path: 'data/same.csv' }]) {
      expect((await server.run('CorrelationNode', given))['correlation_matrix']).toEqual({
        n: { n: 1, twice: 1, same: null },
        twice: { n: 1, twice: 1, same: null },
        same: { n: null, twice: null, same: null },
      });
    }
  });

  it('say what is wrong with a file, without its values or its place', async () => {
    await writeFile(join(server.folder, 'bad.csv'), `a,b\n${'1,2\n'.repeat(30_000)}1,2,3\n`);
    const refused = await server
      .run('StatisticsNode', { file_path: 'data/bad.csv' })
      .catch((error: unknown) => error as Error);
    expect(refused).toMatchObject({
      code: 'tool_error',
      message: expect.stringMatching(/^data\/bad\.csv, line 30002 can not be read/),
    });
    await writeFile(join(server.folder, 'no.parquet'), 'no');
    await expect(server.run('ParquetReaderNode', { file_path: 'data/no.parquet' })).rejects.toMatchObject({
      code: 'tool_error',
    });
  });

  it('end a computation when nobody waits any more', async () => {
    await writeFile(join(server.folder, 'big.csv'), `a\n${'123456.789\n'.repeat(2_000_000)}`);
    const call = newCall();
    const running = server.run('StatisticsNode', { file_path: 'data/big.csv' }, call);
    setImmediate(() => call.abort());
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
