import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLibsql } from '../../../src/adapters/libsql/open-libsql.js';
import { SqlAuditAnchors } from '../../../src/adapters/sql/audit/sql-audit-anchors.js';
import { SqlAuditSink } from '../../../src/adapters/sql/audit/sql-audit-sink.js';
import {
  FileAuditSink,
  verifyAuditFiles,
  verifyAuditLines,
  type AuditModuleOptions,
  type AuditVerification,
} from '../../../src/audit/index.js';
import { ServerProcess } from './server-process.js';

const CHILD = 'dist-test/test/e2e/support/audit-child.js';

/** What a trail holds: how it verifies, and the ids of the calls in it. */
export interface FoundTrail {
  readonly report: AuditVerification;
  readonly callIds: ReadonlySet<string>;
}

/** A folder with the audit files and the database of servers that are started in it. */
export class AuditedFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'rookery-audit-'));
  readonly #database = join(this.path, 'store.db');

  /** The `path` of the file sink. */
  get audit(): string {
    return join(this.path, 'trail', 'audit.jsonl');
  }

  /** Starts a server that audits into the files and the database at once. */
  start(audit: AuditModuleOptions): ServerProcess {
    const sinks = [{ type: 'file', path: this.audit }, { type: 'database' }];
    return new ServerProcess([CHILD, JSON.stringify({ audit: { sinks, ...audit }, store: `file:${this.#database}` })]);
  }

  /** Verifies the files, and the database, each by itself. */
  async verify(): Promise<{ readonly file: FoundTrail; readonly database: FoundTrail }> {
    const database = await openLibsql(`file:${this.#database}`, { busyTimeoutMs: 5_000, synchronous: 'normal' });
    try {
      const anchors = new SqlAuditAnchors(() => Promise.resolve(database));
      const rows = new SqlAuditSink(database);
      const stored = await database.execute("SELECT record FROM audit_records WHERE event = 'call'");
      return {
        file: {
          report: await verifyAuditFiles(this.audit, { anchors }),
          callIds: await this.#callIdsInFiles(),
        },
        database: {
          report: await verifyAuditLines(() => rows.read(), rows.name, {
            heads: await anchors.all(),
            where: [rows.where],
          }),
          callIds: new Set(stored.rows.map(({ record }) => callIdIn(String(record)) ?? '')),
        },
      };
    } finally {
      await database.close();
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  async #callIdsInFiles(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const { bytes } of new FileAuditSink({ path: this.audit, maxBytes: 1, maxFiles: 2 }).read()) {
      const id = callIdIn(Buffer.from(bytes).toString('utf8'));
      if (id !== undefined) ids.add(id);
    }
    return ids;
  }
}

/** The ids of the calls that a server said it had answered, in that order. A line that a kill cut off says nothing. */
export function answeredBy(server: ServerProcess): readonly string[] {
  return [...server.stdout.matchAll(/^answered (\S{36})\n/gm)].map(([, id]) => id ?? '');
}

function callIdIn(line: string): string | undefined {
  return /"callId":"([^"]+)"/.exec(line)?.[1];
}
