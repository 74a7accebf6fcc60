import type { Client, Pool, PoolClient, QueryArrayResult } from 'pg';
import type { BoundedResult, BoundedStatement } from '../../core/index.js';
import { BoundedRows, distinctNames, endedInTime, exactNumber, readBounded } from '../sql/bounded-statement.js';
import { Placeholders } from './placeholders.js';
import { ReceivedBytes } from './received-bytes.js';

/** The server ends a statement by itself when this side can not. */
const MARGIN_MS = 1_000;
const FIRST_ROWS = 16;
const MOST_ROWS = 1_000;
/** A batch may be twice what came before it when the bound is met, and fields have lengths beside their values. */
const WIRE_OVERHEAD = 4;
const WIRE_LEAST = 1_048_576;
const placeholders = new Placeholders();

/** PostgreSQL's types (`pg_type.dat`) as JSON, without loss; the others as their text. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => text === 't'],
  [17, (text) => Buffer.from(text.slice('\\x'.length), 'hex').toString('base64')],
  [20, exactNumber],
  [21, Number],
  [23, Number],
  [26, Number],
  [114, (text) => JSON.parse(text) as unknown],
  [700, finite],
  [701, finite],
  [1114, (text) => text.replace(' ', 'T')],
  [1184, zoned],
  [1700, exactNumber],
  [3802, (text) => JSON.parse(text) as unknown],
]);

const types = { getTypeParser: (type: number): ((text: string) => unknown) => PARSERS.get(type) ?? String };

/** Runs a statement of somebody else in a transaction that the server keeps from writing, row by row through a cursor. */
export async function runBounded(pool: Pool, bounded: BoundedStatement): Promise<BoundedResult> {
  const { statement, values } = readBounded(bounded);
  bounded.signal.throwIfAborted();
  const client = await pool.connect();
  const received = new ReceivedBytes(client, bounded.maxBytes * WIRE_OVERHEAD + WIRE_LEAST);
  let cancelling: Promise<void> | undefined;
  let isClean = false;
  try {
    const result = await endedInTime(
      bounded,
      () => {
        cancelling = cancel(pool, client);
      },
      async () => {
        await client.query(bounded.write ? 'BEGIN' : 'BEGIN READ ONLY');
        await client.query("SELECT set_config('statement_timeout', $1, true)", [String(bounded.timeoutMs + MARGIN_MS)]);
        const sql = placeholders.of(statement);
        const isRows = ['SELECT', 'WITH', 'VALUES', 'TABLE'].includes(statement.keyword) && !statement.writes;
        const answer = isRows
          ? await viaCursor(client, sql, values, bounded)
          : await direct(client, sql, values, bounded);
        await client.query(bounded.write ? 'COMMIT' : 'ROLLBACK');
        return answer;
      },
    );
    // Locks, settings and listeners of a session are nobody else's.
    await client.query('DISCARD ALL');
    isClean = true;
    return result;
  } catch (error) {
    throw received.refusal ?? error;
  } finally {
    received.stop();
    await cancelling;
    // What failed or was ended is not used again.
    client.release(!isClean);
  }
}

async function viaCursor(
  client: PoolClient,
  sql: string,
  values: unknown[],
  bounded: BoundedStatement,
): Promise<BoundedResult> {
  await query(client, `DECLARE rookery_rows NO SCROLL CURSOR FOR ${sql}`, values, bounded);
  let rows: BoundedRows | undefined;
  let columns: readonly string[] = [];
  for (let count = FIRST_ROWS; ; count = Math.min(count * 2, MOST_ROWS)) {
    const { fields, rows: fetched } = await query(client, `FETCH ${count} FROM rookery_rows`, [], bounded);
    columns = distinctNames(fields.map(({ name }) => name));
    const into = (rows ??= new BoundedRows(columns, bounded));
    const hasRoom = fetched.every((row) => into.add(row));
    if (!hasRoom || fetched.length < count) break;
  }
  return { columns, rows: rows.rows, changes: 0, truncated: rows.truncated };
}

async function direct(
  client: PoolClient,
  sql: string,
  values: unknown[],
  bounded: BoundedStatement,
): Promise<BoundedResult> {
  const { fields, rows: found, command, rowCount } = await query(client, sql, values, bounded);
  const columns = distinctNames(fields.map(({ name }) => name));
  const rows = new BoundedRows(columns, bounded);
  found.every((row) => rows.add(row));
  const changes = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(command) ? (rowCount ?? 0) : 0;
  return { columns, rows: rows.rows, changes, truncated: rows.truncated };
}

async function query(
  client: PoolClient,
  text: string,
  values: unknown[],
  { timeoutMs }: BoundedStatement,
): Promise<QueryArrayResult<unknown[]>> {
  // The extended protocol takes one statement a message, whatever two ways of reading a text make of it.
  const settings = {
    text,
    values,
    types,
    rowMode: 'array' as const,
    queryMode: 'extended' as const,
    query_timeout: timeoutMs + 2 * MARGIN_MS,
  };
  return await client.query<unknown[]>(settings);
}

/** Over a connection of its own: the pool's may all be busy. */
async function cancel(pool: Pool, client: PoolClient): Promise<void> {
  const { processID } = client as PoolClient & { readonly processID: number };
  const { Client: Connection } = pool as Pool & { readonly Client: typeof Client };
  const other = new Connection({ ...pool.options, connectionTimeoutMillis: MARGIN_MS });
  other.on('error', () => undefined);
  try {
    await other.connect();
    await other.query('SELECT pg_cancel_backend($1)', [processID]);
  } catch {
    // The server ends it by statement_timeout then.
  } finally {
    await other.end().catch(() => undefined);
  }
}

function finite(text: string): number | null {
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** `2026-01-02 03:04:05.6+00` as ISO 8601. */
function zoned(text: string): string {
  return text
    .replace(' ', 'T')
    .replace(/([+-]\d\d)$/, '$1:00')
    .replace('+00:00', 'Z');
}
