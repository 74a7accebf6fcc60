import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { NodeFiles } from '../../model/node-files.js';
import type { NodeContext } from '../../model/node.js';
import { DataSettings, dataOptions } from '../data.options.js';
import { DuckDb } from '../duckdb/duck-db.js';
import { isMissing, valueOf, type Row } from '../rows.js';
import { describe as described } from '../statistics/moments.js';
import { WatchedDuckDb } from '../testing/watched-duck-db.js';
import { AggregateNode } from './aggregate.node.js';

const settings = new DataSettings(dataOptions.parse({ maxRows: 1_000 }));
const large = new DataSettings();
const duckDb = new WatchedDuckDb(settings);
afterEach(() => duckDb.unwatched());
afterAll(() => duckDb.onApplicationShutdown());

type Given = Parameters<AggregateNode['run']>[0];
type Wanted = Given['aggregations'][number];
type Name = Wanted['function'];
const NUMERIC: readonly Name[] = ['sum', 'mean', 'median', 'std'];
const FUNCTIONS: readonly Name[] = ['count', 'count_distinct', 'first', 'last', 'min', 'max', ...NUMERIC];
const everyFunction = (column: string): Wanted[] => FUNCTIONS.map((name) => ({ function: name, column }));

/** What an aggregation runs with, where it is not the usual. */
interface Surroundings {
  readonly signal?: AbortSignal;
  readonly by?: DuckDb;
  readonly of?: DataSettings;
}

async function aggregated(given: Partial<Given>, { signal, by = duckDb, of = settings }: Surroundings = {}) {
  const usual: Given = { data: [], group_by: ['k'], aggregations: [{ function: 'count' }], delimiter: undefined };
  const context = { signal: signal ?? new AbortController().signal } as NodeContext;
  // No files are read.
  return await new AggregateNode(undefined as unknown as NodeFiles, by, of).run({ ...usual, ...given }, context);
}

/** So many rows, in so many groups. */
const rowsOf = (count: number, groups = count): Row[] =>
  Array.from({ length: count }, (_, n) => ({ k: n % groups, n }));

/** Group by group and value by value, as the description of the node reads. */
function naive(data: readonly Row[], groupBy: readonly string[], wanted: readonly Wanted[]): Row[] {
  const keyOf = (row: Row): string => JSON.stringify(groupBy.map((name) => valueOf(row, name) ?? null));
  const keys = groupBy.length === 0 ? ['[]'] : [...new Set(data.map(keyOf))];
  return keys.map((key) => {
    const group = data.filter((row) => keyOf(row) === key);
    return Object.fromEntries([
      ...groupBy.map((name) => [name, valueOf(group[0] ?? {}, name) ?? null]),
      ...wanted.map((one) => [`${one.function}_${one.column}`, resultOf(group, one)]),
    ]) as Row;
  });
}

function resultOf(group: readonly Row[], { function: name, column = '' }: Wanted): unknown {
  const values = group.map((row) => valueOf(row, column)).filter((value) => !isMissing(value));
  if (name === 'count') return values.length;
  if (name === 'count_distinct') return new Set(values.map((value) => JSON.stringify(value))).size;
  if (name === 'first') return values[0] ?? null;
  if (name === 'last') return values.at(-1) ?? null;
  if (name === 'min' || name === 'max') {
    let [best = null] = values;
    for (const value of values.slice(1)) if ((value as number) < (best as number) === (name === 'min')) best = value;
    return best;
  }
  if (values.some((value) => typeof value !== 'number')) throw new Error(`${name} needs numbers, and "${column}" has`);
  const numbers = values as number[];
  if (name !== 'sum') return described(numbers, 0)[name];
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0);
}

const missing = fc.constantFrom(null, undefined, Number.NaN);
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 0.1, 0.2, 0.3, 1e16, -1e16, 1e308, 2 ** 53, 5e-324),
  fc.double({ noNaN: true }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
);
const text = fc.oneof(
  fc.constantFrom('', 'a', 'A', 'a ', 'a\0', 'é', 'e\u0301', '\uD800', '\uE000', '\uFFFF', '😀', '0', '10', '9', "'"),
  fc.string({ unit: 'binary', maxLength: 2 }),
);
const other = fc.constantFrom<unknown[]>([], [1], [1, 2], {}, { x: 1 }, new Date(0), new Date(5), true);
const truth = fc.oneof(fc.boolean(), fc.constantFrom(0, -0, 1, 0.5));

/** Rows whose values are of one kind or of several, in groups by columns whose values are easily taken for each other. */
const tables = fc
  .constantFrom<fc.Arbitrary<unknown>[]>(number, text, truth, fc.oneof(number, text, other))
  .chain((value) =>
    fc.array(
      fc.record(
        {
          a: fc.constantFrom<unknown[]>(0, -0, '0', 1, '1', true, null, undefined, Number.NaN, '\uD800', 'é', [1], {}),
          b: fc.constantFrom<unknown[]>('x', 'y'),
          v: fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: missing }),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 30 },
    ),
  )
  // Names that no row has are refused.
  .map((rows): Row[] => [{ a: 1, b: 'x', v: null }, ...rows]);

/** What a function gives, or the beginning of what it refuses with. */
async function outcome(of: () => unknown): Promise<unknown> {
  try {
    return await of();
  } catch (error) {
    return (error as Error).message.replace(/ has other values.*/, ' has');
  }
}

describe('AggregateNode', () => {
  it(
    '[N1] gives of rows what is computed value by value, to the last bit and in the same order',
    { timeout: 60_000 },
    async () => {
      const groups = fc.constantFrom<string[][]>([], ['a'], ['b'], ['a', 'b']);
      await fc.assert(
        fc.asyncProperty(
          tables,
          groups,
          fc.subarray([...FUNCTIONS], { minLength: 1 }),
          async (data, group_by, names) => {
            const aggregations = names.map((name): Wanted => ({ function: name, column: 'v' }));
            const ours = await outcome(async () => (await aggregated({ data, group_by, aggregations })).data);
            expect(ours).toEqual(await outcome(() => naive(data, group_by, aggregations)));
          },
        ),
        { seed: 29, numRuns: 300 },
      );
    },
  );

  it.each([1, 7, 5_000])(
    'gives the same of many rows in %s groups, whatever threads do',
    { timeout: 60_000 },
    async (groups) => {
      const many = Array.from({ length: 20_000 }, (_, n) => ({
        k: (n * 7_919) % groups,
        v: Math.sin(n) * 10 ** (n % 17),
        w: n % 3 === 0 ? null : `${n % 11}`,
      }));
      const aggregations = [...everyFunction('v'), ...everyFunction('w').slice(0, -NUMERIC.length)];
      const { data, rows, truncated } = await aggregated({ data: many, aggregations }, { of: large });
      // Every group by itself: the reference looks at all rows for each.
      const expected = Array.from(
        { length: groups },
        (_, n) =>
          naive(
            many.slice(n).filter((row) => row.k === many[n]?.k),
            ['k'],
            aggregations,
          )[0],
      );
      expect(data).toEqual(expected);
      expect({ rows, truncated }).toEqual({ rows: groups, truncated: false });
    },
  );

  it.each([
    ['a zero keeps its sign', [0, -0, 0], { median: 0 }],
    ['-0 comes before 0', [0, -0, -0], { median: -0, sum: 0 }],
    ['a sum does not', [-0], { sum: 0, first: -0, min: -0 }],
    ['the first of equal values is the least, the last the greatest', [0, -0], { min: 0, max: -0 }],
    ['a boolean is equal to its number', [true, 1, false, 0], { min: false, max: 1 }],
    ['the same value has no deviation', Array(7).fill(0.1), { mean: 0.1, std: 0 }],
    ['also where its sum is infinite', [1e308, 1e308], { sum: Infinity, mean: 1e308, std: 0 }],
    ['large numbers keep their digits', [1e16 + 2, 1e16 + 4, 1e16 + 6], { mean: 1e16 + 4, std: 2 }],
    ['infinities have no mean', [Infinity, 1], { sum: Infinity, mean: Number.NaN, max: Infinity }],
    ['texts are compared by units of UTF-16', ['\uFFFF', '😀', '\uD800'], { min: '\uD800', max: '\uFFFF' }],
    [
      'what is missing is left out',
      [null, Number.NaN, 3, undefined],
      { count: 1, first: 3, last: 3, mean: 3, std: null },
    ],
  ])('%s', async (_, values, expected) => {
    const data = values.map((v) => ({ v }));
    const aggregations = Object.keys(expected).map((name): Wanted => ({
      function: name as Name,
      column: 'v',
      as: name,
    }));
    expect((await aggregated({ data, group_by: [], aggregations })).data).toEqual([expected]);
  });

  it('has one group of all rows without columns to group by, also of none', async () => {
    const aggregations: Wanted[] = [{ function: 'count' }, ...everyFunction('v')];
    const ofNone = { count: 0, ...naive([], [], everyFunction('v'))[0] };
    expect(await aggregated({ group_by: [], aggregations })).toEqual({ data: [ofNone], rows: 1, truncated: false });
    expect(await aggregated({ aggregations })).toEqual({ data: [], rows: 0, truncated: false });
  });

  it('has DuckDB compute, which holds of a column what its functions need and no other value', async () => {
    const seen = { statement: '', plan: '', rows: [] as unknown[] };
    duckDb.before = ({ connection }) => {
      const statements = vi.spyOn(connection, 'run');
      duckDb.after = async () => {
        seen.statement = statements.mock.calls.at(-1)?.[0] ?? '';
        seen.plan = String((await connection.runAndReadAll(`EXPLAIN ${seen.statement}`)).getRows()[0]?.[1]);
        seen.rows = (await connection.runAndReadAll('SELECT * FROM aggregate_rows')).getRows();
      };
    };
    const data = [
      { k: 1, v: 2, secret: 'x' },
      { k: '1', v: null, secret: 'y' },
      { k: 1, v: 'z' },
    ];
    const aggregations: Wanted[] = [
      { function: 'count', column: 'v' },
      { function: 'count_distinct', column: 'v' },
    ];
    await aggregated({ data, aggregations });
    expect(seen.plan).toMatch(/HASH_GROUP_BY[^]*count\(DISTINCT/);
    expect(seen.rows).toEqual([
      [0, '[1]', 1, '2'],
      [1, '["1"]', null, null],
      [2, '[1]', 3, '"z"'],
    ]);
  });

  it('asks for the rows of groups only where JavaScript must compare', async () => {
    const statements: string[] = [];
    duckDb.before = ({ connection }) => {
      const run = connection.run.bind(connection);
      vi.spyOn(connection, 'run').mockImplementation(async (sql) => {
        statements.push(sql);
        return await run(sql);
      });
    };
    const aggregations: Wanted[] = [{ function: 'max', column: 'v' }];
    const listed = async (...values: unknown[]): Promise<boolean> => {
      await aggregated({ data: values.map((v) => ({ k: 1, v })), aggregations });
      return statements.splice(0).some((sql) => sql.includes('"rows"'));
    };
    expect(await listed(1, 2, true, null)).toBe(false);
    expect(await listed('a', 'b', Number.NaN)).toBe(false);
    expect(await listed(1, 'b')).toBe(true);
    expect(await listed([1], [2])).toBe(true);
  });

  it('computes nothing where DuckDB is closed', async () => {
    const closed = new DuckDb(settings);
    await closed.onApplicationShutdown();
    await expect(aggregated({ data: rowsOf(1) }, { by: closed })).rejects.toThrow('DuckDB is closed');
  });

  it('takes as many rows as are allowed, and refuses one more', async () => {
    expect(await aggregated({ data: rowsOf(1_000) })).toMatchObject({ rows: 1_000, truncated: false });
    await expect(aggregated({ data: rowsOf(1_001) })).rejects.toThrow('at most 1000 are taken (nodes.data.maxRows)');
  });

  it('says which function needs numbers, of the first group without', async () => {
    const data = [
      { k: 1, a: 1, b: 'x' },
      { k: 2, a: 'y', b: 2 },
    ];
    const aggregations: Wanted[] = [
      { function: 'sum', column: 'a' },
      { function: 'mean', column: 'b' },
    ];
    await expect(aggregated({ data, aggregations })).rejects.toThrow(
      'mean needs numbers, and "b" has other values; cast or filter them first.',
    );
  });

  it('is interrupted in DuckDB when nobody waits any more, and the next one is computed', async () => {
    const abort = new AbortController();
    let interrupted: Promise<unknown> | undefined;
    duckDb.before = ({ connection }) => {
      const statement = connection.run.bind(connection);
      vi.spyOn(connection, 'run').mockImplementation(async (sql) => {
        const running = statement(sql);
        if (sql.includes('list_sum')) {
          interrupted = running.catch((error: unknown) => error);
          abort.abort();
        }
        return await running;
      });
    };
    const running = aggregated(
      { data: rowsOf(100_000), aggregations: everyFunction('n') },
      { signal: abort.signal, of: large },
    );
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(String(await interrupted)).toContain('INTERRUPT');
    duckDb.before = () => {};
    expect(await aggregated({ data: rowsOf(1) })).toMatchObject({ rows: 1 });
  });

  it('ends while DuckDB is given rows', async () => {
    const abort = new AbortController();
    duckDb.before = () => void setImmediate(() => abort.abort());
    const running = aggregated({ data: rowsOf(100_000) }, { signal: abort.signal, of: large });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says what to do where memory is not enough', async () => {
    const of = new DataSettings(dataOptions.parse({ duckdb: { memoryMb: 64, temporaryMb: 0 } }));
    const small = new DuckDb(of);
    const data = Array.from({ length: 4_000 }, (_, n) => ({ k: `${n}${'x'.repeat(40_000)}` }));
    await expect(aggregated({ data }, { by: small, of })).rejects.toThrow(
      'The aggregation needs more memory than is allowed (nodes.data.duckdb)',
    );
    await small.onApplicationShutdown();
  });

  it('leaves nothing in the engine, whether it ends well or not', async () => {
    const abort = new AbortController();
    const aggregations = everyFunction('n');
    const endings = [
      aggregated({ data: rowsOf(500), aggregations }),
      aggregated({ data: rowsOf(500).map(({ k }) => ({ k, n: String(k) })), aggregations }),
      aggregated({ data: rowsOf(1_000, 10), aggregations }, { signal: abort.signal }),
    ];
    setImmediate(() => abort.abort());
    await Promise.allSettled(endings);
    await duckDb.run(new AbortController().signal, async ({ connection }) => {
      const used = await connection.runAndReadAll('SELECT tag FROM duckdb_memory() WHERE memory_usage_bytes > 0');
      expect(used.getRows()).toEqual([]);
    });
  });
});
