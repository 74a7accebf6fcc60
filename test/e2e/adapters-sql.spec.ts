import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeSqlDatabase } from '../../src/adapters/contracts/sql-database.contract.js';
import { openLibsql } from '../../src/adapters/libsql/open-libsql.js';
import { openPostgres } from '../../src/adapters/postgres/open-postgres.js';
import { storeOptions } from '../../src/adapters/store.options.js';
import { startPostgres, type PostgresServer } from '../support/servers/index.js';

const runner = { describe, it, expect, beforeEach, afterEach };
const options = storeOptions.parse({});

describe('libsql in a file', () => {
  let folder: string;
  let count = 0;

  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'rookery-libsql-'))));
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  const path = (): string => `file:${join(folder, `${count}.db`)}`;
  describeSqlDatabase(
    runner,
    async () => {
      count++;
      return await openLibsql(path(), options);
    },
    async () => await openLibsql(path(), options),
    async (database) => await database.close(),
  );
});

describe('libsql in memory', () => {
  describeSqlDatabase(
    runner,
    async () => await openLibsql('memory:', options),
    undefined,
    async (database) => await database.close(),
  );
});

describe('PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;

  beforeAll(async () => void (server = await startPostgres()), 300_000);
  afterAll(async () => await server.stop());

  const open = async () => await openPostgres(url, options, () => undefined);
  describeSqlDatabase(
    runner,
    async () => {
      url = await server.createDatabase();
      return await open();
    },
    open,
    async (database) => await database.close(),
  );
});
