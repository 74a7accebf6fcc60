import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { migrate, openDatabase, storeOptions, type DialectDatabase, type Migration } from '../../src/adapters/index.js';
import { startPostgres, type PostgresServer } from '../support/servers/index.js';
import { TemporaryFiles } from '../support/servers/temporary-files.js';
import { ServerProcess } from './support/server-process.js';
import { PEER_MIGRATIONS } from './support/store-peer.js';

const PEER = 'dist-test/test/e2e/support/store-peer.js';
const IDS = PEER_MIGRATIONS.map(({ id }) => id);

const migration = (id: string, ...statements: string[]): Migration => ({
  id,
  sql: { libsql: statements, postgres: statements },
});

function describeMigrations(newDatabase: () => Promise<string>): void {
  const opened: DialectDatabase[] = [];
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });

  const open = async (url: string): Promise<DialectDatabase> => {
    const database = await openDatabase(url, storeOptions.parse({}), () => undefined);
    opened.push(database);
    return database;
  };

  it('run in the order of their ids, once, and are recorded', async () => {
    const database = await open(await newDatabase());
    const second = migration(
      '0002-b',
      'ALTER TABLE a ADD COLUMN more BIGINT',
      'INSERT INTO a (id, more) VALUES (1, 2)',
    );
    const both = [second, migration('0001-a', 'CREATE TABLE a (id BIGINT PRIMARY KEY)')];
    expect(await migrate(database, both, () => 77)).toEqual({ applied: ['0001-a', '0002-b'], unknown: [] });
    expect(await migrate(database, both)).toEqual({ applied: [], unknown: [] });
    const { rows } = await database.execute('SELECT id, applied_at FROM rookery_migrations ORDER BY id');
    expect(rows).toEqual([
      { id: '0001-a', applied_at: 77 },
      { id: '0002-b', applied_at: 77 },
    ]);
    expect((await database.execute('SELECT * FROM a')).rows).toEqual([{ id: 1, more: 2 }]);
  });

  it('stop when one that has run is not what it was, and change nothing', async () => {
    const database = await open(await newDatabase());
    await migrate(database, [migration('0001-a', 'CREATE TABLE a (id BIGINT)')]);
    const changed = migration('0001-a', 'CREATE TABLE a (id BIGINT, more BIGINT)');
    const next = migration('0000-before', 'CREATE TABLE b (id BIGINT)');
    await expect(migrate(database, [changed, next])).rejects.toThrow(/0001-a was changed after .* new one/);
    await expect(database.execute('SELECT * FROM b')).rejects.toThrow(/b/);
  });

  it('leave nothing behind when one fails', async () => {
    const database = await open(await newDatabase());
    const failing = migration('0002-b', 'CREATE TABLE b (id BIGINT)', 'INSERT INTO nowhere VALUES (1)');
    await expect(migrate(database, [migration('0001-a', 'CREATE TABLE a (id BIGINT)'), failing])).rejects.toThrow(
      /nowhere/,
    );
    await expect(database.execute('SELECT * FROM a')).rejects.toThrow(/\ba\b/);
    expect((await migrate(database, [migration('0001-a', 'CREATE TABLE a (id BIGINT)')])).applied).toEqual(['0001-a']);
  });

  it('tell of those that a newer version has run', async () => {
    const database = await open(await newDatabase());
    await migrate(database, [migration('0001-a', 'CREATE TABLE a (id BIGINT)'), migration('0009-z', 'SELECT 1')]);
    const older = await migrate(database, [migration('0001-a', 'CREATE TABLE a (id BIGINT)')]);
    expect(older).toEqual({ applied: [], unknown: ['0009-z'] });
  });

  it('refuse two of one id', async () => {
    const database = await open(await newDatabase());
    await expect(migrate(database, [migration('1', 'SELECT 1'), migration('1', 'SELECT 2')])).rejects.toThrow(
      /Two migrations have the id 1/,
    );
  });

  it('run once when four processes start at once', async () => {
    const url = await newDatabase();
    const peers = Array.from({ length: 4 }, () => new ServerProcess([PEER, url, 'migrate']));
    try {
      await Promise.all(peers.map(async (peer) => await peer.shows('stdout', /ready\n/)));
      for (const peer of peers) void peer.write('go\n');
      const reports = await Promise.all(peers.map(async (peer) => await peer.shows('stdout', /applied:(.*);\n/)));
      const applied = reports.map(([, ids]) => ids);
      expect(applied.filter((ids) => ids !== '')).toEqual([IDS.join(',')]);
      const endings = await Promise.all(peers.map(async (peer) => await peer.ended()));
      expect(endings.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    } finally {
      for (const peer of peers) await peer.stop();
    }
    const database = await open(url);
    const { rows } = await database.execute('SELECT id FROM rookery_migrations ORDER BY id');
    expect(rows.map(({ id }) => id)).toEqual(IDS);
    expect((await database.execute('SELECT COUNT(*) AS number FROM peer2')).rows).toEqual([{ number: 50 }]);
  });

  it('lose no committed row when the process is killed, fifty rows on', async () => {
    const url = await newDatabase();
    for (let restart = 0; restart < 2; restart++) {
      const peer = new ServerProcess([PEER, url, 'write']);
      await peer.shows('stdout', /(wrote \d+\n){50}/);
      await peer.stop();
      const said = [...peer.stdout.matchAll(/^wrote (\d+)$/gm)].map(([, id]) => Number(id));
      const database = await open(url);
      const { rows } = await database.execute('SELECT id FROM written ORDER BY id');
      const written = rows.map(({ id }) => Number(id));
      expect(written).toEqual(expect.arrayContaining(said));
      expect(written).toEqual(written.map((_, index) => index + 1));
      await database.close();
    }
  });
}

describe('migrations on libsql', () => {
  const files = new TemporaryFiles();
  afterAll(async () => await files.remove());
  describeMigrations(async () => `file:${await files.path('store.db')}`);
});

describe('migrations on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres()), 300_000);
  afterAll(async () => await server.stop());
  describeMigrations(async () => await server.createDatabase());
});
