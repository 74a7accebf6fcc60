import { AuditAnchors, type AuditAnchor, type AuditPlace } from '../../../audit/index.js';
import type { SqlDatabase } from '../../../core/index.js';

const PUT = `INSERT INTO audit_anchors (writer, seq, hash, places) VALUES (?, ?, ?, ?)
  ON CONFLICT (writer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, places = excluded.places WHERE audit_anchors.seq < excluded.seq`;

/** Keeps the heads of trails in the table `audit_anchors` of the store. */
export class SqlAuditAnchors extends AuditAnchors {
  constructor(private readonly database: () => Promise<SqlDatabase>) {
    super();
  }

  override async put({ writer, seq, hash, places }: AuditAnchor): Promise<void> {
    const database = await this.database();
    await database.execute(PUT, [writer, seq, hash, JSON.stringify(places)]);
  }

  override async all(): Promise<readonly AuditAnchor[]> {
    const database = await this.database();
    const { rows } = await database.execute('SELECT writer, seq, hash, places FROM audit_anchors ORDER BY writer');
    return rows.map(({ writer, seq, hash, places }) => ({
      writer: String(writer),
      seq: Number(seq),
      hash: String(hash),
      places: JSON.parse(String(places)) as readonly AuditPlace[],
    }));
  }

  override async forget(writer: string): Promise<void> {
    const database = await this.database();
    await database.execute('DELETE FROM audit_anchors WHERE writer = ?', [writer]);
  }
}
