import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { NodeContext } from '../../model/node.js';
import { DataSettings, dataOptions } from '../data.options.js';
import { DuckDb } from '../duckdb/duck-db.js';
import { isMissing, valueOf, type Row } from '../rows.js';
import { WatchedDuckDb } from '../testing/watched-duck-db.js';
import { JoinNode } from './join.node.js';

const settings = new DataSettings(dataOptions.parse({ maxRows: 1_000 }));
const duckDb = new WatchedDuckDb(settings);
afterEach(() => duckDb.unwatched());
afterAll(() => duckDb.onApplicationShutdown());

type Given = Parameters<JoinNode['run']>[0];
type How = Given['how'];
const KINDS: readonly How[] = ['inner', 'left', 'right', 'full'];

/** What a join runs with, where it is not the usual. */
interface Surroundings {
  readonly signal?: AbortSignal;
  readonly by?: DuckDb;
  readonly of?: DataSettings;
}

async function joined(given: Partial<Given>, { signal, by = duckDb, of = settings }: Surroundings = {}) {
  const usual: Given = { left: [], right: [], on: [{ left: 'k', right: 'k' }], how: 'inner', suffix: '_right' };
  const context = { signal: signal ?? new AbortController().signal } as NodeContext;
  return await new JoinNode(by, of).run({ ...usual, ...given }, context);
}

/** So many rows, with so many keys. */
const rowsOf = (count: number, keys = count): Row[] => Array.from({ length: count }, (_, n) => ({ k: n % keys }));

/** Every row against every other, as the description of the node reads. */
function nested(left: readonly Row[], right: readonly Row[], on: Given['on'], how: How): [unknown, unknown][] {
  const same = (one: Row, other: Row): boolean =>
    on.every((pair) => {
      const [ours, theirs] = [valueOf(one, pair.left), valueOf(other, pair.right)];
      return !isMissing(ours) && !isMissing(theirs) && JSON.stringify([ours]) === JSON.stringify([theirs]);
    });
  const ofLeft = left.flatMap((one): [unknown, unknown][] => {
    const found = right.filter((other) => same(one, other));
    if (found.length === 0) return how === 'left' || how === 'full' ? [[one['l'], null]] : [];
    return found.map((other) => [one['l'], other['r']]);
  });
  const alone = how === 'right' || how === 'full' ? right.filter((other) => !left.some((one) => same(one, other))) : [];
  return [...ofLeft, ...alone.map((other): [unknown, unknown] => [null, other['r']])];
}

/** Values that are easily taken for each other. */
const value = fc.oneof(
  fc.constantFrom<unknown[]>(0, -0, 1, '1', '0', '1.0', 1e21, '1e21', 2 ** 53, true, 'true', false, ''),
  fc.constantFrom<unknown[]>(null, undefined, Number.NaN, Infinity, -Infinity, 'null', 'NaN', 'Infinity'),
  fc.constantFrom<unknown[]>('é', 'e\u0301', 'É', 'a', 'A', 'a ', '\0', 'a\0b', '\uD800', '😀', "'", '"', ' '),
  fc.constantFrom<unknown[]>([], [1], ['1'], [null], {}, { x: 1, y: 2 }, { y: 2, x: 1 }, new Date(0)),
  fc.string({ unit: 'binary', maxLength: 2 }),
  fc.double(),
);

/** Rows with two columns for keys, which a row may lack, and their position. */
const table = (one: string, two: string, position: string): fc.Arbitrary<Row[]> =>
  fc
    .array(fc.record({ [one]: value, [two]: fc.constantFrom<unknown[]>(0, '0', null) }, { requiredKeys: [] }), {
      maxLength: 25,
    })
    // Names that no row has are refused.
    .map((rows) => [{ [one]: null, [two]: null }, ...rows].map((row, at) => ({ ...row, [position]: at })));

describe('JoinNode', () => {
  it(
    '[N1] gives what a comparison of every row with every other gives, in that order',
    { timeout: 60_000 },
    async () => {
      const tables = fc.tuple(table('a', 'b', 'l'), table('c', 'd', 'r'));
      const columns = [
        { left: 'a', right: 'c' },
        { left: 'b', right: 'd' },
      ];
      await fc.assert(
        fc.asyncProperty(
          tables,
          fc.constantFrom(1, 2),
          fc.constantFrom(...KINDS),
          async ([left, right], count, how) => {
            const on = columns.slice(0, count);
            const { data, rows } = await joined({ left, right, on, how });
            expect((data as Row[]).map(({ l, r }) => [l, r])).toEqual(nested(left, right, on, how));
            expect(rows).toBe(data.length);
          },
        ),
        { seed: 23, numRuns: 400 },
      );
    },
  );

  it.each(KINDS)('keeps the order of many rows: %s', async (how) => {
    const left = Array.from({ length: 9_000 }, (_, n) => ({ k: n % 3_000, l: n }));
    const right = Array.from({ length: 7_000 }, (_, n) => ({ k: 6_999 - n, r: n }));
    const { data } = await joined({ left, right, how }, { of: new DataSettings() });
    const partners = left.map(({ k, l }) => [l, 6_999 - k]);
    const alone = right.filter(({ k }) => k >= 3_000).map(({ r }) => [null, r]);
    const expected = how === 'right' || how === 'full' ? [...partners, ...alone] : partners;
    expect((data as Row[]).map(({ l, r }) => [l, r])).toEqual(expected);
  });

  it('has DuckDB join, which holds positions and keys and no other value', async () => {
    const seen = { statement: '', plan: '', keys: [] as unknown[] };
    duckDb.before = ({ connection }) => {
      const statements = vi.spyOn(connection, 'run');
      duckDb.after = async () => {
        seen.statement = statements.mock.calls.at(-1)?.[0] ?? '';
        seen.plan = String((await connection.runAndReadAll(`EXPLAIN ${seen.statement}`)).getRows()[0]?.[1]);
        seen.keys = (await connection.runAndReadAll('SELECT * FROM join_keys')).getRows();
      };
    };
    const left = [
      { k: 1, secret: 'x' },
      { k: null, secret: 'y' },
    ];
    await joined({ left, right: [{ k: '1' }, { k: 1 }], how: 'full' });
    expect(seen.plan).toMatch(/HASH_JOIN[^]*Join Type: FULL/);
    expect(seen.statement).toContain('LIMIT 1001');
    expect(seen.keys).toEqual([
      [true, 0, '[1]'],
      [true, 1, null],
      [false, 0, '["1"]'],
      [false, 1, '[1]'],
    ]);
  });

  it('joins nothing where DuckDB is closed', async () => {
    const closed = new DuckDb(settings);
    await closed.onApplicationShutdown();
    await expect(joined({ left: rowsOf(1), right: rowsOf(1) }, { by: closed })).rejects.toThrow('DuckDB is closed');
  });

  it('gives as many rows as are allowed, and refuses one more', async () => {
    expect(await joined({ left: rowsOf(100, 1), right: rowsOf(10, 1) })).toMatchObject({ rows: 1_000 });
    const more = joined({ left: [...rowsOf(100, 1), { k: 'alone' }], right: rowsOf(10, 1), how: 'left' });
    await expect(more).rejects.toThrow('The join has more than 1000 rows (nodes.data.maxRows)');
  });

  it('refuses ten thousand million pairs without looking at them', async () => {
    const of = new DataSettings();
    const rows = rowsOf(100_000, 1);
    await expect(joined({ left: rows, right: rows, how: 'full' }, { of })).rejects.toThrow('more than 100000 rows');
  });

  it('is interrupted in DuckDB when nobody waits any more, and the next one is joined', async () => {
    const abort = new AbortController();
    let interrupted: Promise<unknown> | undefined;
    duckDb.before = ({ connection }) => {
      const statement = connection.run.bind(connection);
      vi.spyOn(connection, 'run').mockImplementation(async (sql) => {
        const running = statement(sql);
        if (sql.startsWith('SELECT')) {
          interrupted = running.catch((error: unknown) => error);
          abort.abort();
        }
        return await running;
      });
    };
    const many = rowsOf(100_000, 10_000);
    const of = new DataSettings(dataOptions.parse({ maxRows: 2_000_000 }));
    const running = joined({ left: many, right: many }, { signal: abort.signal, of });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(String(await interrupted)).toContain('INTERRUPT');
    duckDb.before = () => {};
    expect(await joined({ left: rowsOf(1), right: rowsOf(1) })).toMatchObject({ rows: 1 });
  });

  it('ends while DuckDB is given keys', async () => {
    const abort = new AbortController();
    const rows = rowsOf(100_000);
    duckDb.before = () => void setImmediate(() => abort.abort());
    const running = joined({ left: rows, right: rows }, { signal: abort.signal, of: new DataSettings() });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says what to do where memory is not enough', async () => {
    const of = new DataSettings(dataOptions.parse({ duckdb: { memoryMb: 64, temporaryMb: 0 } }));
    const small = new DuckDb(of);
    const rows = Array.from({ length: 2_000 }, (_, n) => ({ k: `${n}${'x'.repeat(40_000)}` }));
    await expect(joined({ left: rows, right: rows }, { by: small, of })).rejects.toThrow(
      'needs more memory than is allowed (nodes.data.duckdb)',
    );
    await small.onApplicationShutdown();
  });

  it('leaves nothing in the engine, whether it ends well or not', async () => {
    const abort = new AbortController();
    const endings = [
      joined({ left: rowsOf(500), right: rowsOf(500), how: 'full' }),
      joined({ left: rowsOf(1_000, 1), right: rowsOf(1_000, 1) }),
      joined({ left: rowsOf(1_000), right: rowsOf(1_000) }, { signal: abort.signal }),
    ];
    setImmediate(() => abort.abort());
    await Promise.allSettled(endings);
    await duckDb.run(new AbortController().signal, async ({ connection }) => {
      const used = await connection.runAndReadAll('SELECT tag FROM duckdb_memory() WHERE memory_usage_bytes > 0');
      expect(used.getRows()).toEqual([]);
    });
  });
});
