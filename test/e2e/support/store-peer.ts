/**
 * A process of its own that uses a database, for tests of what happens between processes.
 *
 * `node store-peer.js <url> migrate`: says `ready`, waits for a line, migrates, says what it applied.
 * `node store-peer.js <url> write`: writes rows into `written` as fast as it can, saying each once it is committed.
 * `node store-peer.js <url> hold`: begins a transaction that writes, says `holding`, and ends it at the next line.
 */
import { once } from 'node:events';
import { migrate, openDatabase, storeOptions, type Migration } from '../../../src/adapters/index.js';

/** Migrations that fail when they run twice, and take long enough for others to come in between. */
export const PEER_MIGRATIONS: readonly Migration[] = ['0001-one', '0002-two', '0003-three'].map((id, index) => {
  const rows = Array.from({ length: 50 }, (_, row) => `INSERT INTO peer${index} (id) VALUES (${row})`);
  const statements = [`CREATE TABLE peer${index} (id BIGINT PRIMARY KEY)`, ...rows];
  return { id, sql: { libsql: statements, postgres: statements } };
});

async function main([url = '', mode = '']: readonly string[]): Promise<void> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const database = await openDatabase(url, storeOptions.parse({ busyTimeoutMs: 20_000 }), () => undefined);
  if (mode === 'migrate') {
    say('ready');
    await once(process.stdin, 'data');
    const { applied } = await migrate(database, PEER_MIGRATIONS);
    say(`applied:${applied.join(',')};`);
  } else if (mode === 'write') {
    await database.execute('CREATE TABLE IF NOT EXISTS written (id BIGINT PRIMARY KEY)');
    const { rows } = await database.execute('SELECT COALESCE(MAX(id), 0) AS id FROM written');
    for (let id = Number(rows[0]?.['id']) + 1; ; id++) {
      if (id % 2 === 0) await database.execute('INSERT INTO written (id) VALUES (?)', [id]);
      else await database.transaction(async (tx) => await tx.execute('INSERT INTO written (id) VALUES (?)', [id]));
      say(`wrote ${id}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } else {
    await database.transaction(async (executor) => {
      await executor.execute('CREATE TABLE IF NOT EXISTS held (id BIGINT)');
      say('holding');
      await once(process.stdin, 'data');
    });
    say('released');
  }
  await database.close();
  process.stdin.destroy();
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
