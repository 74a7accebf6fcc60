import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { SqlDatabase, SqlExecutor } from '../../index.js';
import type { ConfiguredDataset } from './dataset-registry.js';
import { readSeed, type SeedRows, type SeedType } from './seed-rows.js';
import { quote, readTable } from './table.js';

/** Bytes of the largest seed file: it is for demonstrations. */
const LARGEST_SEED = 16_777_216;

const TYPES: Readonly<Record<SqlDatabase['dialect'], Readonly<Record<SeedType, string>>>> = {
  libsql: { integer: 'INTEGER', real: 'REAL', boolean: 'BOOLEAN', text: 'TEXT' },
  postgres: { integer: 'BIGINT', real: 'DOUBLE PRECISION', boolean: 'BOOLEAN', text: 'TEXT' },
};

/**
 * Makes the table of a dataset and fills it from a file, unless there is such a table. Processes that start at once wait
 * for each other, as transactions do; the second one finds the table.
 *
 * @returns the rows that were put in; `undefined` when the table was there
 * @throws Error saying what is wrong with the file
 */
export async function seed(
  database: SqlDatabase,
  { table, keyColumn }: ConfiguredDataset,
  file: string,
): Promise<number | undefined> {
  if ((await readTable(database, table)) !== undefined) return undefined;
  const rows = readSeed(await contentOf(file), formatOf(file));
  if (!rows.columns.has(keyColumn)) throw new Error(`It has no column "${keyColumn}", the key of the dataset.`);
  return await database.transaction(async (executor) => {
    if ((await readTable(executor, table)) !== undefined) return undefined;
    await fill(executor, table, keyColumn, rows);
    return rows.rows.length;
  });
}

async function fill(executor: SqlExecutor, table: string, key: string, { columns, rows }: SeedRows): Promise<void> {
  const quoted = table.split('.').map(quote).join('.');
  const types = TYPES[executor.dialect];
  const declared = [...columns].map(
    ([name, type]) => `${quote(name)} ${types[type]}${name === key ? ' PRIMARY KEY NOT NULL' : ''}`,
  );
  await executor.execute(`CREATE TABLE ${quoted} (${declared.join(', ')})`);
  const names = [...columns.keys()].map(quote).join(', ');
  const marks = [...columns.keys()].map(() => '?').join(', ');
  for (const row of rows) await executor.execute(`INSERT INTO ${quoted} (${names}) VALUES (${marks})`, row);
}

function formatOf(file: string): 'csv' | 'json' {
  const ending = extname(file).toLowerCase();
  if (ending === '.csv' || ending === '.json') return ending === '.csv' ? 'csv' : 'json';
  throw new Error('Expected a file that ends in .csv or .json.');
}

async function contentOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > LARGEST_SEED) throw new Error(`It has ${size} bytes; at most ${LARGEST_SEED} are read.`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
