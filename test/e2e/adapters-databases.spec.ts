import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase, storeOptions, type DialectDatabase } from '../../src/adapters/index.js';
import { freePort } from '../support/servers/free-port.js';
import { startPostgres, type PostgresServer } from '../support/servers/index.js';
import { TemporaryFiles } from '../support/servers/temporary-files.js';
import { ServerProcess } from './support/server-process.js';

const PEER = 'dist-test/test/e2e/support/store-peer.js';

const opened: DialectDatabase[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

async function open(url: string, options: object = {}, broke: () => void = () => undefined): Promise<DialectDatabase> {
  const database = await openDatabase(url, storeOptions.parse(options), broke);
  opened.push(database);
  return database;
}

/** How long it took to fail. */
async function failing(work: () => Promise<unknown>, reason?: RegExp): Promise<number> {
  const begun = performance.now();
  await expect(work()).rejects.toThrow(reason);
  return performance.now() - begun;
}

describe('a libsql file', () => {
  const files = new TemporaryFiles();
  afterAll(async () => await files.remove());

  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  it('is made for its owner only, with the folders it is in', async () => {
    const path = join(dirname(await files.path('x')), 'a', 'b', 'store.db');
    const database = await open(`file:${path}`);
    await database.execute('CREATE TABLE a (id BIGINT)');
    expect(modeOf(join(path, '..', '..'))).toBe('700');
    expect(modeOf(dirname(path))).toBe('700');
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600']);
  });

  it('keeps the permissions that it and its folder have', async () => {
    const path = await files.path('store.db');
    chmodSync(dirname(path), 0o750);
    writeFileSync(path, '', { mode: 0o640 });
    chmodSync(path, 0o640);
    await open(`file:${path}`);
    expect([modeOf(dirname(path)), modeOf(path)]).toEqual(['750', '640']);
  });

  it('is named relative to the working directory, or absolutely, in each form of a URL', async () => {
    const path = await files.path('a b.db');
    const database = await open(`file:${path}`);
    await database.execute('CREATE TABLE a (id BIGINT)');
    const same = await open(`file://${path.replace(' ', '%20')}`);
    expect((await same.execute('SELECT * FROM a')).rows).toEqual([]);
    const relative = join('node_modules', '.cache', `adapters-${process.pid}.db`);
    await open(`file:./${relative}`);
    expect(existsSync(relative)).toBe(true);
    files.adopt(relative);
  });

  it('uses a write-ahead log, checks foreign keys, and waits for the disk only when told to', async () => {
    const pragma = async (database: DialectDatabase, name: string): Promise<unknown> =>
      Object.values((await database.execute(`PRAGMA ${name}`)).rows[0] ?? {})[0];
    const normal = await open(`file:${await files.path('store.db')}`);
    expect(await pragma(normal, 'journal_mode')).toBe('wal');
    expect(await pragma(normal, 'synchronous')).toBe(1);
    const full = await open(`file:${await files.path('store.db')}`, { synchronous: 'full' });
    expect(await pragma(full, 'synchronous')).toBe(2);
    await full.execute('CREATE TABLE parent (id BIGINT PRIMARY KEY)');
    await full.execute('CREATE TABLE child (parent BIGINT REFERENCES parent (id))');
    await expect(full.execute('INSERT INTO child VALUES (1)')).rejects.toThrow(/FOREIGN KEY/);
  });

  it('says what is wrong when it cannot be used', async () => {
    const path = await files.path('store.db');
    writeFileSync(path, 'This is no database. '.repeat(100));
    await expect(open(`file:${path}`)).rejects.toThrow(/cannot be used.*Expected a place/);
    const folder = await files.path('folder.db');
    mkdirSync(folder);
    await expect(open(`file:${folder}`)).rejects.toThrow(/cannot be used/);
    await expect(open(`file:${path}/inside.db`)).rejects.toThrow(/cannot be used/);
  });

  it('waits for the writer of another process without holding up this one, then says that it is busy', async () => {
    const path = `file:${await files.path('store.db')}`;
    const database = await open(path, { busyTimeoutMs: 300 });
    await database.execute('CREATE TABLE a (id BIGINT)');
    const peer = new ServerProcess([PEER, path, 'hold']);
    try {
      await peer.shows('stdout', /holding\n/);
      let turns = 0;
      const timer = setInterval(() => turns++, 10);
      const waits = await Promise.all([
        failing(async () => await database.execute('INSERT INTO a VALUES (1)'), /locked/),
        failing(async () => await database.execute('INSERT INTO a VALUES (1) RETURNING id'), /locked/),
        failing(async () => await database.transaction(async () => await Promise.resolve()), /locked/),
      ]);
      // Readers need no lock, in the midst of it.
      expect((await database.execute('SELECT * FROM a')).rows).toEqual([]);
      clearInterval(timer);
      expect(turns).toBeGreaterThan(5);
      for (const wait of waits) expect(wait > 250 && wait < 1_500).toBe(true);

      const patient = await open(path);
      const waiting = patient.execute('INSERT INTO a VALUES (2) RETURNING id');
      await peer.write('\n');
      await peer.shows('stdout', /released\n/);
      expect((await waiting).rows).toEqual([{ id: 2 }]);
    } finally {
      await peer.stop();
    }
    // What failed has left nothing behind that is in the way of a commit.
    await database.transaction(async (tx) => await tx.execute('INSERT INTO a VALUES (3)'));
    expect((await database.execute('SELECT id FROM a ORDER BY id')).rows).toEqual([{ id: 2 }, { id: 3 }]);
  });

  it('keeps its locks when it is opened once more in this process', async () => {
    const file = await files.path('store.db');
    const path = `file:${file}`;
    const database = await open(path);
    await database.execute('CREATE TABLE a (id BIGINT)');
    await (await open(path)).close();
    // A process that took itself for the only one would take the log away when it ends.
    const peer = new ServerProcess([PEER, path, 'hold']);
    try {
      await peer.shows('stdout', /holding\n/);
      await peer.write('\n');
      expect((await peer.ended()).code).toBe(0);
    } finally {
      await peer.stop();
    }
    expect(existsSync(`${file}-wal`)).toBe(true);
    expect((await database.execute('SELECT * FROM held')).rows).toEqual([]);
  });

  it('is not closed under a transaction', async () => {
    const path = `file:${await files.path('store.db')}`;
    const database = await open(path);
    await database.execute('CREATE TABLE a (id BIGINT)');
    let closing: Promise<void> | undefined;
    await database.transaction(async (tx) => {
      closing = database.close();
      await new Promise((resolve) => setImmediate(resolve));
      await tx.execute('INSERT INTO a VALUES (1)');
    });
    await closing;
    expect((await (await open(path)).execute('SELECT * FROM a')).rows).toEqual([{ id: 1 }]);
  });

  it('is closed under a transaction that does not end, which is rolled back', async () => {
    const path = `file:${await files.path('store.db')}`;
    const database = await open(path, { busyTimeoutMs: 100 });
    await database.execute('CREATE TABLE a (id BIGINT)');
    const late = database.transaction(async (tx) => {
      await tx.execute('INSERT INTO a VALUES (1)');
      await database.close();
      await tx.execute('INSERT INTO a VALUES (2)');
    });
    await expect(late).rejects.toThrow(/closed/);
    expect((await (await open(path)).execute('SELECT * FROM a')).rows).toEqual([]);
  });
});

describe('a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres()), 300_000);
  afterAll(async () => await server.stop());

  it('gives up statements and waits for locks when their time is over', async () => {
    const database = await open(await server.createDatabase(), { statementTimeoutMs: 200 });
    expect(await failing(async () => await database.execute('SELECT pg_sleep(5)'), /timeout/)).toBeLessThan(1_500);
    await database.execute('SELECT 1');
    const slow = database.transaction(async (tx) => await tx.execute('SELECT pg_sleep(5)'));
    await expect(slow).rejects.toThrow(/timeout/);
    expect(await database.transaction(async () => await Promise.resolve('done'))).toBe('done');
  });

  /** A transaction that is open and does nothing until it is released. */
  async function hold(database: DialectDatabase): Promise<{ ended: Promise<unknown>; release: () => void }> {
    let release: () => void = () => undefined;
    let ended: Promise<unknown> = Promise.resolve();
    await new Promise<void>((begun) => {
      ended = database.transaction(async () => {
        const released = new Promise<void>((resolve) => void (release = resolve));
        begun();
        await released;
      });
    });
    return { ended, release };
  }

  it('ends a transaction that does nothing for too long, so that others get on', async () => {
    const database = await open(await server.createDatabase(), { statementTimeoutMs: 300 });
    const { ended, release } = await hold(database);
    const next = async (): Promise<string> => await database.transaction(async () => await Promise.resolve('next'));
    expect(await vi.waitFor(next, 5_000)).toBe('next');
    release();
    await expect(ended).rejects.toThrow(/idle-in-transaction|not queryable|terminated/);
  });

  it('fails when every connection of the pool is in use for too long', async () => {
    const database = await open(await server.createDatabase(), { poolSize: 1, busyTimeoutMs: 200 });
    const { ended, release } = await hold(database);
    expect(await failing(async () => await database.execute('SELECT 1'), /timeout/)).toBeLessThan(1_500);
    release();
    await ended;
    expect((await database.execute('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('is not waited for when it is closed under a transaction that does not end', async () => {
    const url = await server.createDatabase();
    const database = await open(url, { busyTimeoutMs: 200, statementTimeoutMs: 60_000 });
    const { ended, release } = await hold(database);
    await database.close();
    release();
    await expect(ended).rejects.toThrow(/not queryable|terminated|closed/);
    const other = await open(url);
    expect(await other.transaction(async () => await Promise.resolve('free'))).toBe('free');
  });

  it('gives times, JSON and the like as their text', async () => {
    const database = await open(await server.createDatabase());
    const { rows } = await database.execute(
      `SELECT TIMESTAMP '2026-01-02 03:04:05' AS time, '{"a": 1}'::jsonb AS json, TRUE AS yes, 1.5::numeric AS price,
        3::numeric AS whole, '{1,2}'::int[] AS list, $tag$ ? $tag$ AS quoted, E'\\'?' AS escaped, NULL AS nothing`,
    );
    expect(rows).toEqual([
      {
        time: '2026-01-02 03:04:05',
        json: '{"a": 1}',
        yes: 1,
        price: 1.5,
        whole: 3,
        list: '{1,2}',
        quoted: ' ? ',
        escaped: "'?",
        nothing: null,
      },
    ]);
  });

  it('fails within the time when it is frozen, and serves again when it goes on', async () => {
    const database = await open(await server.createDatabase(), { statementTimeoutMs: 300, busyTimeoutMs: 300 });
    await database.check();
    server.freeze();
    try {
      const waits = await Promise.all([
        failing(async () => await database.check()),
        failing(async () => await database.transaction(async (tx) => await tx.execute('SELECT 1'))),
      ]);
      for (const wait of waits) expect(wait).toBeLessThan(4_000);
    } finally {
      server.thaw();
    }
    await vi.waitFor(async () => await database.check(), 3_000);
    await database.transaction(async (tx) => await tx.execute('SELECT 1'));
  });

  it('fails while it is down, and is used again once it is back; whatever a transaction had done is undone', async () => {
    let broke = 0;
    const database = await open(await server.createDatabase(), {}, () => broke++);
    await database.execute('CREATE TABLE a (id BIGINT)');
    const cut = database.transaction(async (tx) => {
      await tx.execute('INSERT INTO a VALUES (1)');
      await server.kill();
      await tx.execute('INSERT INTO a VALUES (2)');
    });
    await expect(cut).rejects.toThrow(/terminated|ECONNRESET|not queryable/);
    await expect(database.check()).rejects.toThrow(/ECONNREFUSED|terminated/);
    await server.restart();
    await vi.waitFor(async () => await database.check(), 3_000);
    expect((await database.execute('SELECT * FROM a')).rows).toEqual([]);
    await server.kill();
    await vi.waitFor(() => expect(broke).toBeGreaterThan(0), 5_000);
    await server.restart();
  });

  it('fails at once when nobody is there', async () => {
    const database = await open(`postgres://rookery@127.0.0.1:${await freePort()}/x`);
    expect(await failing(async () => await database.check(), /ECONNREFUSED/)).toBeLessThan(1_500);
  });
});
