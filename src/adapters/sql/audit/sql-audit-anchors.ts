import { AuditAnchors, type AuditHead } from '../../../audit/index.js';
import type { SqlDatabase } from '../../../core/index.js';

const PUT = `INSERT INTO audit_anchors (writer, seq, hash) VALUES (?, ?, ?)
  ON CONFLICT (writer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash WHERE audit_anchors.seq < excluded.seq`;

/** Keeps the heads of trails in the table `audit_anchors` of the store. */
export class SqlAuditAnchors extends AuditAnchors {
  constructor(private readonly database: () => Promise<SqlDatabase>) {
    super();
  }

  override async put({ writer, seq, hash }: AuditHead): Promise<void> {
    const database = await this.database();
    await database.execute(PUT, [writer, seq, hash]);
  }

  override async all(): Promise<readonly AuditHead[]> {
    const database = await this.database();
    const { rows } = await database.execute('SELECT writer, seq, hash FROM audit_anchors ORDER BY writer');
    return rows.map(({ writer, seq, hash }) => ({ writer: String(writer), seq: Number(seq), hash: String(hash) }));
  }

  override async forget(writer: string): Promise<void> {
    const database = await this.database();
    await database.execute('DELETE FROM audit_anchors WHERE writer = ?', [writer]);
  }
}
