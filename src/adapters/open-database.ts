import { openLibsql } from './libsql/open-libsql.js';
import { openPostgres } from './postgres/open-postgres.js';
import type { DialectDatabase } from './sql/dialect-database.js';
import type { StoreOptions } from './store.options.js';

/** Opens the database of a URL that `store` allows. `broke` hears of idle connections that a server ended. */
export async function openDatabase(
  url: string,
  options: StoreOptions,
  broke: (error: Error) => void,
): Promise<DialectDatabase> {
  return /^postgres(ql)?:/.test(url) ? await openPostgres(url, options, broke) : await openLibsql(url, options);
}
