import type { Pool } from 'pg';
import { optionalPackage } from '../optional-package.js';
import type { StoreOptions } from '../store.options.js';
import { PostgresDatabase } from './postgres-database.js';
import { valueTypes } from './values.js';

/** What reaching a server needs of the section `store`. */
export type PostgresOptions = Pick<StoreOptions, 'poolSize' | 'busyTimeoutMs' | 'statementTimeoutMs'>;

/** How much later than the server this side gives up: the server's own error says more. */
const MARGIN_MS = 1_000;

/**
 * Opens a `postgres:` URL. Nothing is connected yet: the first statement does, and fails when the server is not there.
 *
 * `failed` hears of connections that broke while nobody used them; the pool replaces them.
 *
 * @throws Error saying what to install, when `pg` is missing.
 */
export async function openPostgres(
  url: string,
  { poolSize, busyTimeoutMs, statementTimeoutMs }: PostgresOptions,
  failed: (error: Error) => void,
): Promise<PostgresDatabase> {
  const { default: pg } = await optionalPackage('pg', 'A postgres: URL', async () => await import('pg'));
  const pool: Pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: busyTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    // A server that is frozen or cut off answers nothing, not even that it is late.
    query_timeout: statementTimeoutMs + MARGIN_MS,
    keepAlive: true,
    application_name: 'rookery',
    types: valueTypes,
  });
  // Those that the server ends while they are being closed here are not news.
  pool.on('error', (error) => {
    if (!pool.ending) failed(error);
  });
  // While a connection is in use its errors reach the statement as well; without a listener they would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return new PostgresDatabase(pool, busyTimeoutMs);
}
