import {
  AuditSink,
  type AuditHead,
  type AuditLine,
  type RemovableRecords,
  type SealedRecord,
} from '../../../audit/index.js';
import type { SqlDatabase, SqlExecutor, SqlRow } from '../../../core/index.js';

/** Rows in one statement: few sizes, so that few statements are prepared. */
const INSERT_SIZES = [64, 8, 1];
const PAGE = 1_000;
const MAX_HEADS = 64;
/** Where its records stand. */
const TABLE = 'audit_records';

/** Keeps records in the table `audit_records`, a transaction a batch; what is committed is durable. */
export class SqlAuditSink extends AuditSink {
  override readonly name = 'database';

  /** @param where - the name of the connection, as all servers with this store have it */
  constructor(
    private readonly database: SqlDatabase,
    override readonly where: string = 'store',
  ) {
    super();
  }

  override async open(): Promise<readonly AuditHead[]> {
    const { rows } = await this.database.execute(
      `SELECT writer, seq, hash FROM ${TABLE} AS newest
       WHERE seq = (SELECT MAX(seq) FROM ${TABLE} AS own WHERE own.writer = newest.writer)
       ORDER BY writer DESC LIMIT ${MAX_HEADS}`,
    );
    return rows.map(headOf).toReversed();
  }

  override async append(records: readonly SealedRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.database.transaction(async (executor) => {
      let added = 0;
      for (let from = 0; from < records.length;) {
        const size = INSERT_SIZES.find((rows) => rows <= records.length - from) ?? 1;
        added += await insert(executor, records.slice(from, from + size));
        from += size;
      }
      if (added < records.length) await assertStored(executor, records);
    });
  }

  override async removable(before: number | undefined): Promise<readonly RemovableRecords[]> {
    if (before === undefined) return [];
    const { rows } = await this.database.execute(
      `SELECT writer, seq, hash FROM ${TABLE} AS last
       WHERE seq = (SELECT MAX(seq) FROM ${TABLE} AS own WHERE own.writer = last.writer AND own.at < ?)
       ORDER BY writer`,
      [before],
    );
    return rows.map((row) => ({ ...headOf(row), where: TABLE }));
  }

  override async remove(records: readonly RemovableRecords[]): Promise<void> {
    for (const { writer, seq } of records) {
      await this.database.execute(`DELETE FROM ${TABLE} WHERE writer = ? AND seq <= ?`, [writer, seq]);
    }
  }

  override async *read(): AsyncIterable<AuditLine> {
    let writer = '';
    let seq = -1;
    for (let line = 0; ;) {
      const { rows } = await this.database.execute(
        `SELECT writer, seq, record FROM ${TABLE} WHERE (writer, seq) > (?, ?) ORDER BY writer, seq LIMIT ${PAGE}`,
        [writer, seq],
      );
      for (const row of rows) {
        yield { source: TABLE, line: ++line, bytes: Buffer.from(String(row['record'])), terminated: true };
        writer = String(row['writer']);
        seq = Number(row['seq']);
      }
      if (rows.length < PAGE) return;
    }
  }

  /** The database belongs to those who opened it. */
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A record that is there already is passed over: a commit may have succeeded whose answer was lost. */
async function insert(executor: SqlExecutor, records: readonly SealedRecord[]): Promise<number> {
  const values = records.map(() => '(?, ?, ?, ?, ?, ?)').join(', ');
  const { changes } = await executor.execute(
    `INSERT INTO ${TABLE} (writer, seq, at, event, hash, record) VALUES ${values} ON CONFLICT (writer, seq) DO NOTHING`,
    records.flatMap(({ writer, seq, at, event, hash, line }) => [writer, seq, at, event, hash, line]),
  );
  return changes;
}

/** @throws Error when other records stand where these should */
async function assertStored(executor: SqlExecutor, records: readonly SealedRecord[]): Promise<void> {
  for (const { writer, seq, hash } of records) {
    const { rows } = await executor.execute(`SELECT hash FROM ${TABLE} WHERE writer = ? AND seq = ?`, [writer, seq]);
    if (rows[0]?.['hash'] !== hash) throw new Error(`Another record stands in ${TABLE} as number ${seq} of ${writer}.`);
  }
}

function headOf({ writer, seq, hash }: SqlRow): AuditHead {
  return { writer: String(writer), seq: Number(seq), hash: String(hash) };
}
