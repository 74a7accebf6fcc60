import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLibsql } from '../../src/adapters/libsql/open-libsql.js';
import { openPostgres } from '../../src/adapters/postgres/open-postgres.js';
import type { DialectDatabase } from '../../src/adapters/sql/dialect-database.js';
import { migrate } from '../../src/adapters/sql/migrations.js';
import { AUDIT_MIGRATIONS } from '../../src/adapters/sql/audit/audit-migrations.js';
import { SqlAuditAnchors } from '../../src/adapters/sql/audit/sql-audit-anchors.js';
import { SqlAuditSink } from '../../src/adapters/sql/audit/sql-audit-sink.js';
import { storeOptions } from '../../src/adapters/store.options.js';
import {
  HashChain,
  chainDigest,
  describeAuditAnchors,
  describeAuditSink,
  verifyAuditLines,
} from '../../src/audit/index.js';
import { startPostgres, type PostgresServer } from '../support/servers/index.js';

const options = storeOptions.parse({});
const runner = { describe, it, expect };

function describeDatabase(name: string, open: () => Promise<DialectDatabase>): void {
  const opened: DialectDatabase[] = [];
  const migrated = async (): Promise<DialectDatabase> => {
    const database = await open();
    opened.push(database);
    await migrate(database, AUDIT_MIGRATIONS);
    return database;
  };
  afterAll(async () => {
    for (const database of opened) await database.close();
  });

  describeAuditSink(runner, name, async () => {
    const database = await migrated();
    return { sink: () => new SqlAuditSink(database) };
  });

  describeAuditAnchors(runner, name, async () => {
    const database = await migrated();
    return new SqlAuditAnchors(() => Promise.resolve(database));
  });

  describe(`the database sink on ${name}`, () => {
    const seal = (records: number, text = ''): ReturnType<HashChain['seal']>[] => {
      const chain = new HashChain('w1', chainDigest());
      return Array.from({ length: records }, (_, index) => {
        const event = index === 0 ? 'open' : 'call';
        return chain.seal({ at: index, event, entry: JSON.stringify({ event, text }) });
      });
    };

    it('[A9] stores a batch once when it is given again, as after a commit whose answer was lost', async () => {
      const sink = new SqlAuditSink(await migrated());
      const records = seal(130);
      await sink.append(records.slice(0, 75));
      await sink.append(records);
      expect(await verifyAuditLines(() => sink.read(), sink.name)).toMatchObject({ ok: true, records: 130 });
    });

    it('[A9] refuses a batch where other records stand, and stores nothing of it', async () => {
      const sink = new SqlAuditSink(await migrated());
      await sink.append(seal(2));
      await expect(sink.append(seal(3, 'other'))).rejects.toThrow(
        'Another record stands in audit_records as number 0 of w1',
      );
      expect(await verifyAuditLines(() => sink.read(), sink.name)).toMatchObject({ ok: true, records: 2 });
    });

    it('reads more records than one page', async () => {
      const sink = new SqlAuditSink(await migrated());
      await sink.append(seal(2_500));
      expect(await verifyAuditLines(() => sink.read(), sink.name)).toMatchObject({ ok: true, records: 2_500 });
    });
  });
}

describe('libsql', () => {
  let folder: string;
  let count = 0;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'rookery-audit-db-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describeDatabase('libsql', async () => await openLibsql(`file:${join(folder, `${count++}.db`)}`, options));
});

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres()), 300_000);
  afterAll(async () => await server.stop());

  describeDatabase(
    'PostgreSQL',
    async () => await openPostgres(await server.createDatabase(), options, () => undefined),
  );
});
