import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlConnections } from '../../src/core/index.js';
import { startPostgres, type PostgresServer } from '../support/servers/index.js';
import { newCall, startDataServer, type DataServer } from './support/data-server.js';

const SCHEMA = [
  'CREATE TABLE orders (id BIGINT PRIMARY KEY, region TEXT, amount DOUBLE PRECISION, raw BYTEA, at TIMESTAMPTZ, n NUMERIC)',
  "INSERT INTO orders VALUES (9007199254740993, 'north', 1.5, '\\x00ff', '2026-01-02T03:04:05.5Z', 12345678901234567890.5), (2, 'south', 2.5, NULL, NULL, 1.25)",
];
const LIBSQL = [
  'CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, amount REAL, raw BLOB)',
  "INSERT INTO orders VALUES (9007199254740993, 'north', 1.5, x'00ff'), (2, 'south', 2.5, NULL)",
];

let postgres: PostgresServer;
let server: DataServer;
let url: string;
let home: string;

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.createDatabase();
  home = await mkdtemp(join(tmpdir(), 'rookery-sql-'));
  const connections = { pg: url, pgw: url, lite: `file:${home}/a.db`, litew: `file:${home}/a.db`, secret: url };
  const sql = { connections: { pg: {}, pgw: { write: true }, lite: {}, litew: { write: true } } };
  server = await startDataServer({ connections, data: { sql, maxRows: 1_000, maxBytes: 100_000 } });
  const databases = server.running.app.get(SqlConnections);
  for (const statement of SCHEMA) await (await databases.get('pg')).execute(statement);
  for (const statement of LIBSQL) await (await databases.get('lite')).execute(statement);
  await writeFile(join(server.folder, 'sales.csv'), 'region,amount\nnorth,1\nnorth,2\nsouth,5\n');
  await writeFile(join(server.folder, 'names.json'), '[{"region":"north","boss":"Ada"}]');
}, 300_000);
afterAll(async () => {
  await server.close();
  await postgres.stop();
  await rm(home, { recursive: true });
});

const sql = (connection: string, query: string, more: Record<string, unknown> = {}, call = newCall()) =>
  server.run('SQLDatabaseNode', { connection, query, ...more }, call);

const endless = {
  pg: 'SELECT count(*) FROM generate_series(1, 1000000000000) a, generate_series(1, 1000000) b',
  lite: 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT 1 UNION ALL SELECT count(*) FROM c',
  duckdb: 'SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range % 7 = b.range % 3',
};

describe.each(['pg', 'lite'])('SQLDatabaseNode over %s', (connection) => {
  it('binds parameters by place and by name, and gives exact values', async () => {
    const byPlace = await sql(connection, 'SELECT id, region, raw FROM orders WHERE region = ? ORDER BY id', {
      parameters: ['north'],
    });
    expect(byPlace).toEqual({
      data: [{ id: '9007199254740993', region: 'north', raw: 'AP8=' }],
      rows: 1,
      columns: ['id', 'region', 'raw'],
      changes: 0,
      truncated: false,
    });
    const byName = await sql(
      connection,
      "SELECT amount, ':x' AS x FROM orders WHERE region = :region OR amount > :least",
      {
        parameters: { region: "' OR 1=1 --", least: 2 },
      },
    );
    expect(byName['data']).toEqual([{ amount: 2.5, x: ':x' }]);
    const missing = sql(connection, 'SELECT :regoin', { parameters: { region: 1 } });
    await expect(missing).rejects.toThrow(/regoin: is required.*region: is no parameter/);
    expect((await sql(connection, 'SELECT 1 AS a, 2 AS a'))['data']).toEqual([{ a: 1, a_2: 2 }]);
  });

  it.each([
    'INSERT INTO orders (id) VALUES (3)',
    'DELETE FROM orders',
    'DROP TABLE orders',
    'WITH x AS (SELECT 1) DELETE FROM orders',
    'SELECT 1; DELETE FROM orders',
    'PRAGMA query_only = OFF',
    'SET TRANSACTION READ WRITE',
    'SELECT 1) SELECT * FROM orders --',
    'COMMIT',
    "ATTACH '/tmp/rookery-attached.db' AS x",
  ])('reads only: %s', async (query) => {
    await expect(sql(connection, query)).rejects.toMatchObject({ code: expect.stringMatching(/forbidden|tool_error/) });
    expect((await sql(connection, 'SELECT count(*) AS n FROM orders'))['data']).toEqual([{ n: 2 }]);
  });

  it('changes data by a connection that may, when told to', async () => {
    await expect(sql(connection, 'DELETE FROM orders', { write: true })).rejects.toThrow(/may not change data/);
    const changed = await sql(`${connection}w`, 'UPDATE orders SET amount = amount WHERE region = ?', {
      parameters: ['south'],
      write: true,
    });
    expect(changed).toMatchObject({ changes: 1 });
    await expect(sql(`${connection}w`, 'DELETE FROM orders')).rejects.toMatchObject({ code: 'forbidden' });
  });

  it.each([
    ['a comment that ends with a carriage return', 'SELECT 1 --\r; COMMIT; DELETE FROM orders; --'],
    ['a literal that goes on', "SELECT E'a'\n'b\\' '; COMMIT; DELETE FROM orders; --'"],
    ['a dollar quote of other letters', "SELECT $é$ ' $é$; COMMIT; DELETE FROM orders; --'"],
    ['a comment in a comment', 'SELECT 1 /* /* */ ; COMMIT; DELETE FROM orders; -- */'],
  ])('runs one statement only, whatever %s hides', async (_what, query) => {
    const before = await sql(connection, 'SELECT count(*) AS n FROM orders');
    await sql(connection, query).catch(() => undefined);
    expect(await sql(connection, 'SELECT count(*) AS n FROM orders')).toEqual(before);
  });

  it('bounds rows and bytes', async () => {
    const numbers = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100000) SELECT x FROM c';
    expect(await sql(connection, numbers, { max_rows: 7 })).toMatchObject({ rows: 7, truncated: true });
    const wide = `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 500) SELECT '${'y'.repeat(1_000)}' AS y FROM c`;
    const cut = await sql(connection, wide);
    expect(cut['truncated']).toBe(true);
    expect(cut['rows']).toBeLessThan(100);
  });

  it('leaves nothing of a statement behind', async () => {
    for (let count = 0; count < 30; count++) await sql(connection, 'SELECT 1');
    await expect(sql(connection, 'SELECT nothing FROM nowhere')).rejects.toThrow(/statement is wrong/);
    expect(await sql(connection, 'SELECT 1 AS one')).toMatchObject({ data: [{ one: 1 }] });
  });
});

it('gathers no answer of PostgreSQL that is larger than may be read, and the pool goes on', async () => {
  const before = process.memoryUsage().rss;
  const large = "SELECT repeat('x', 20000000) AS x FROM generate_series(1, 50)";
  const message = expect.stringContaining('larger than') as string;
  await expect(sql('pg', large)).rejects.toMatchObject({ code: 'tool_error', message });
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  expect(await sql('pg', 'SELECT 1 AS one')).toMatchObject({ data: [{ one: 1 }] });
});

it.each([
  [
    'lite',
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 25) SELECT x, hex(zeroblob(5000000)) AS y FROM c',
    150_000_000,
  ],
  ['duckdb', "SELECT range, repeat('x', 200000) AS y FROM range(2000)", 600_000_000],
])('makes no more of an answer of %s than may be read', async (connection, query, most) => {
  await sql(connection, 'SELECT 1 AS one');
  const before = process.memoryUsage().rss;
  await expect(sql(connection, query)).rejects.toThrow('One row is more than 100000 bytes');
  // Of DuckDB, a chunk is there: 2,000 rows, not as texts of JavaScript beside it.
  const peak = process.resourceUsage().maxRSS * 1_024 - before;
  expect(peak).toBeLessThan(most);
});

describe.each(Object.entries(endless))('a statement without end over %s', (connection, query) => {
  it('ends at its time, and when nobody waits any more', async () => {
    const started = performance.now();
    await expect(sql(connection, query, { timeout_seconds: 0.3 })).rejects.toMatchObject({ code: 'timeout' });
    const call = newCall();
    const running = sql(connection, query, {}, call);
    setTimeout(() => call.abort(), 200);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('SQLDatabaseNode', () => {
  it('stops the statement in PostgreSQL itself', async () => {
    await expect(sql('pg', endless.pg, { timeout_seconds: 0.2 })).rejects.toMatchObject({ code: 'timeout' });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()",
    );
    await client.end();
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('gives PostgreSQL’s times, decimals and JSON as they are, and keeps no lock of a session', async () => {
    const { data } = await sql('pg', 'SELECT at, n, true AS yes, \'{"a":1}\'::jsonb AS j FROM orders ORDER BY id DESC');
    expect(data).toEqual([
      { at: '2026-01-02T03:04:05.5Z', n: '12345678901234567890.5', yes: true, j: { a: 1 } },
      { at: null, n: 1.25, yes: true, j: { a: 1 } },
    ]);
    await sql('pg', 'SELECT pg_advisory_lock(7669653001)::text');
    await expect(sql('pgw', 'SELECT pg_try_advisory_lock(7669653001) AS free')).resolves.toMatchObject({
      data: [{ free: true }],
    });
  });

  it('knows only the databases that nodes may use', async () => {
    await expect(sql('secret', 'SELECT 1')).rejects.toThrow(/no database "secret" for nodes/);
    await expect(sql('store', 'SELECT 1')).rejects.toThrow(/no database "store"/);
    await expect(sql('duckdbb', 'SELECT 1')).rejects.toThrow('Did you mean "duckdb"?');
  });

  it('[N6] refuses wrong parameters by name', async () => {
    await expect(sql('pg', 'SELECT 1', { write: 'false' })).rejects.toThrow(/parameters of SQLDatabaseNode.*write/);
    await expect(sql('pg', 'SELECT 1', { timeout_seconds: 1e6 })).rejects.toThrow(/timeout_seconds: must be at most/);
  });

  it('queries files of the roots, several at once', async () => {
    const tables = { sales: 'data/sales.csv', names: 'data/names.json' };
    const query =
      'SELECT region, boss, sum(amount)::INTEGER AS total FROM sales LEFT JOIN names USING (region) WHERE amount > ? GROUP BY ALL ORDER BY region';
    expect(await sql('duckdb', query, { tables, parameters: [0] })).toMatchObject({
      data: [
        { region: 'north', boss: 'Ada', total: 3 },
        { region: 'south', boss: null, total: 5 },
      ],
    });
  });

  it.each([
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT getenv('HOME')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_csv('http://127.0.0.1:1/')",
    "COPY sales TO '/tmp/rookery-copied.csv'",
    "ATTACH '/tmp/rookery-attached.duckdb'",
    "ATTACH ':memory:' AS other",
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    "SET memory_limit = '10GB'",
    'PRAGMA threads = 8',
    'CREATE TABLE x AS SELECT 1',
    'DROP TABLE sales',
    "EXPORT DATABASE '/tmp/rookery-exported'",
    'SELECT 1; SELECT 2',
    "CALL enable_logging(storage = 'file')",
  ])('DuckDB refuses %s', async (query) => {
    const tables = { sales: 'data/sales.csv' };
    await expect(sql('duckdb', query, { tables })).rejects.toMatchObject({
      code: expect.stringMatching(/forbidden|tool_error/),
    });
  });

  it('tells a query nothing of this host', async () => {
    const tables = { sales: 'data/sales.csv' };
    const settings = await sql('duckdb', 'SELECT * FROM duckdb_settings()', { tables });
    const objects = await sql('duckdb', 'SELECT * FROM duckdb_tables()', { tables });
    expect(JSON.stringify([settings, objects])).not.toContain(server.folder);
    expect(JSON.stringify([settings, objects])).not.toContain('/proc/self/fd');
    expect(JSON.stringify(settings)).not.toContain(homedir());
  });
});
