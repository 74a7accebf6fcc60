import { TokenStore, type SealedRecord } from '../../auth/index.js';
import type { SqlConnections, SqlDatabase } from '../../core/index.js';
import type { Migration } from './migrations.js';

const tables = (blob: string): readonly string[] => [
  `CREATE TABLE rookery_tokens (
    id TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    sealed ${blob} NOT NULL,
    expires_at BIGINT NOT NULL
  )`,
  'CREATE INDEX rookery_tokens_expire ON rookery_tokens (expires_at)',
];

/** Records under their keys. */
export const TOKEN_MIGRATION: Migration = {
  id: '0002-tokens',
  sql: { libsql: tables('BLOB'), postgres: tables('BYTEA') },
};

/** How often each process removes what has expired. */
const SWEEP_MS = 60_000;

/** An expired record is as good as none, so it gives way. */
const INSERT = `INSERT INTO rookery_tokens (id, version, sealed, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE
  SET version = excluded.version, sealed = excluded.sealed, expires_at = excluded.expires_at
  WHERE rookery_tokens.expires_at <= ?`;

const REPLACE = `UPDATE rookery_tokens SET version = ?, sealed = ?, expires_at = ?
  WHERE id = ? AND version = ? AND expires_at > ?`;

const DELETE = 'DELETE FROM rookery_tokens WHERE id = ? AND version = COALESCE(?, version) AND expires_at > ?';

/** Keeps sealed tokens in the server's own database. Every change is one statement, so one of many at once wins. */
export class SqlTokenStore extends TokenStore {
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly connections: SqlConnections,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override async get(key: string): Promise<SealedRecord | undefined> {
    const { rows } = await (
      await this.#database()
    ).execute('SELECT version, sealed, expires_at FROM rookery_tokens WHERE id = ? AND expires_at > ?', [
      key,
      this.now(),
    ]);
    const [row] = rows;
    if (row === undefined || !(row['sealed'] instanceof Uint8Array)) return undefined;
    return { sealed: row['sealed'], version: String(row['version']), expiresAt: Number(row['expires_at']) };
  }

  override async put(key: string, record: SealedRecord, expectedVersion?: string): Promise<boolean> {
    const { sealed, version, expiresAt } = record;
    const database = await this.#database();
    await this.#sweep(database);
    const { changes } =
      expectedVersion === undefined
        ? await database.execute(INSERT, [key, version, sealed, expiresAt, this.now()])
        : await database.execute(REPLACE, [version, sealed, expiresAt, key, expectedVersion, this.now()]);
    return changes > 0;
  }

  override async delete(key: string, expectedVersion?: string): Promise<boolean> {
    const parameters = [key, expectedVersion ?? null, this.now()];
    return (await (await this.#database()).execute(DELETE, parameters)).changes > 0;
  }

  async #sweep(database: SqlDatabase): Promise<void> {
    const now = this.now();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    await database.execute('DELETE FROM rookery_tokens WHERE expires_at <= ?', [now]);
  }

  async #database(): Promise<SqlDatabase> {
    return await this.connections.get('store');
  }
}
