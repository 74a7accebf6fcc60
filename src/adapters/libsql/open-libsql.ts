import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { optionalPackage } from '../optional-package.js';
import type { StoreOptions } from '../store.options.js';
import { LibsqlConnection, isBusy, type LibsqlDriver } from './libsql-connection.js';
import { LibsqlDatabase } from './libsql-database.js';
import { pathOf } from './libsql-path.js';

/** What opening a file needs of the section `store`. */
export type LibsqlOptions = Pick<StoreOptions, 'busyTimeoutMs' | 'synchronous'>;

/**
 * Opens the database of a `file:` URL or `:memory:`. A file that is not there is made for its owner only, folders too.
 *
 * @throws Error saying what to do when the file cannot be used, or libsql is not installed.
 */
export async function openLibsql(url: string, options: LibsqlOptions): Promise<LibsqlDatabase> {
  const driver = await optionalPackage<LibsqlDriver>('libsql', 'A database in a file', async () => {
    const { default: loaded } = await import('libsql');
    return loaded;
  });
  const path = pathOf(url);
  if (path !== ':memory:') await makePrivate(path);
  const connection = new LibsqlConnection(driver, { path, synchronous: options.synchronous });
  const database = new LibsqlDatabase(connection, options.busyTimeoutMs, path === ':memory:' ? undefined : path);
  try {
    await database.check();
    return database;
  } catch (error) {
    await database.close();
    throw unusable(path, error);
  }
}

/**
 * SQLite gives its log the permissions of the file.
 *
 * A file that is there must not be opened here: to close any descriptor of it would drop the locks that this process
 * holds by another connection (SQLite, How To Corrupt, 2.2), and other processes would take its log for abandoned.
 */
async function makePrivate(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // In one step, before anybody here can open what it makes; another process may make it meanwhile.
    if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path)) return;
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): Error {
  if (isBusy(cause)) return new Error(`The database file ${path} is locked by another process.`, { cause });
  return new Error(
    `The database file ${path} cannot be used. Expected a place where this user may write, and a file that SQLite made.`,
    { cause },
  );
}
