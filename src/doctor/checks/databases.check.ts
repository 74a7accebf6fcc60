import { access, constants, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase, type StoreOptions } from '../../adapters/index.js';
import { NETWORK_MS, type ConfiguredFamily } from '../doctor-check.js';
import type { DoctorSubject } from '../doctor-subject.js';
import { fail, ok, warn, type Finding } from '../finding.js';
import { mayWriteInto, nearestThere } from '../folders.js';
import { reasonOf } from '../probe-tcp.js';

/** Less than what the check gets, so that its own words are heard. */
const PATIENCE_MS = 2_000;
const SQLITE = 'SQLite format 3\0';

/**
 * Whether the databases answer: `store` and `database:<name>` of `store.connections`. A file is looked at and not
 * opened as a database, which would write beside it.
 *
 * Never within a server: to close a file there drops the locks that its database holds on it (SQLite, How To Corrupt,
 * 2.2). What the server has opened is asked by health.
 */
export const databases: ConfiguredFamily = {
  name: 'database',
  group: 'back ends',
  atStart: 'never',
  absent: '',
  checks: ({ config: { store }, clocks }) =>
    Object.entries({ store: store.url, ...store.connections }).map(([id, url]) => {
      const name = id === 'store' ? 'database:store' : `database:${id}`;
      const key = id === 'store' ? 'store.url' : `store.connections.${id}`;
      return { name, timeoutMs: NETWORK_MS, run: async () => await look(url, { store, clocks, name, key }) };
    }),
};

interface Looking extends Pick<DoctorSubject, 'clocks'> {
  readonly store: StoreOptions;
  readonly name: string;
  readonly key: string;
}

async function look(url: string, looking: Looking): Promise<readonly Finding[]> {
  if (/^:?memory:$/.test(url)) {
    const { key } = looking;
    const remedy = `Set ${key} to file:<path> or postgres://… where keys, tokens and tasks must last.`;
    return looking.name === 'database:store' ? [warn('The store ends with the process.', remedy)] : [ok('In memory.')];
  }
  return url.startsWith('file:') ? await lookAtFile(pathOf(url), looking.key) : await askPostgres(url, looking);
}

function pathOf(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length));
}

async function lookAtFile(path: string, key: string): Promise<readonly Finding[]> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) {
    const folder = await nearestThere(dirname(path));
    if (await mayWriteInto(folder)) return [ok(`${path} is not there yet; the start makes it.`)];
    return [
      fail(
        `${path} cannot be made: ${folder} is not a folder that this user may write.`,
        `Correct ${key}, or the rights there.`,
      ),
    ];
  }
  if (!status.isFile()) return [fail(`${path} is not a file.`, `Correct ${key}.`)];
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    return [fail(`${path} cannot be used: ${reasonOf(error)}.`, 'Give it to the user whom the server runs as.')];
  }
  if (status.size > 0 && (await beginningOf(path)) !== SQLITE) {
    return [fail(`${path} is not a database of SQLite.`, `Correct ${key}, or restore the file from a copy.`)];
  }
  const shared = process.platform !== 'win32' && (status.mode & 0o004) !== 0;
  return shared
    ? [warn(`Everybody on the machine can read ${path}.`, `chmod 600 ${path}`)]
    : [ok(`${path} is there and can be written.`)];
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SQLITE.length), 0, SQLITE.length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function askPostgres(url: string, { store, clocks, name, key }: Looking): Promise<readonly Finding[]> {
  const options = {
    ...store,
    poolSize: 1,
    busyTimeoutMs: Math.min(store.busyTimeoutMs, PATIENCE_MS),
    statementTimeoutMs: Math.min(store.statementTimeoutMs, PATIENCE_MS),
  };
  // An idle connection that breaks meanwhile is what the statement says, too.
  const database = await openDatabase(url, options, () => undefined);
  const { host } = new URL(url);
  try {
    const version = await clocks.read(name, async () => {
      const { rows } = await database.execute(
        "SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now, current_setting('server_version') AS version",
      );
      return { answer: rows[0]?.['version'], time: Number(rows[0]?.['now']) };
    });
    return [ok(`PostgreSQL ${String(version)} at ${host} answers.`)];
  } catch (error) {
    const remedy = `Start it, or correct ${key}: host, port, database, user and password.`;
    return [fail(`PostgreSQL at ${host} does not answer: ${reasonOf(error)}.`, remedy)];
  } finally {
    await database.close();
  }
}
