import { z } from 'zod';
import { ApiKeyStore, type KeyRotation, type StoredApiKey } from '../../auth/index.js';
import type { SqlConnections, SqlDatabase, SqlExecutor, SqlRow, SqlValue } from '../../core/index.js';
import type { Migration } from './migrations.js';

const table = (exact: string): readonly string[] => [
  `CREATE TABLE rookery_api_keys (
    id TEXT ${exact} PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    previous_digest TEXT UNIQUE,
    previous_expires_at BIGINT,
    grants TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
  )`,
  'CREATE TABLE rookery_api_key_revision (revision BIGINT NOT NULL)',
  'INSERT INTO rookery_api_key_revision (revision) VALUES (0)',
];

/** Ids are ordered by code point, which libsql does by itself. */
export const API_KEY_MIGRATION: Migration = {
  id: '0001-api-keys',
  sql: { libsql: table(''), postgres: table('COLLATE "C"') },
};

/** What only the server reads, as JSON. */
const grantsSchema = z.object({
  permissions: z.array(z.string()),
  roles: z.array(z.string()),
  attributes: z.record(z.string(), z.unknown()),
  tenant: z.string().optional(),
});

const TAKEN = 'SELECT 1 FROM rookery_api_keys WHERE digest IN (?, ?) OR previous_digest IN (?, ?) OR id = ?';

/** Keeps API keys in the server's own database, for all processes that use it. */
export class SqlApiKeyStore extends ApiKeyStore {
  constructor(private readonly connections: SqlConnections) {
    super();
  }

  override async find(digest: string): Promise<StoredApiKey | undefined> {
    return await this.#one('digest = ? OR previous_digest = ?', [digest, digest]);
  }

  override async get(id: string): Promise<StoredApiKey | undefined> {
    return await this.#one('id = ?', [id]);
  }

  override async list(): Promise<readonly StoredApiKey[]> {
    const { rows } = await (await this.#database()).execute('SELECT * FROM rookery_api_keys ORDER BY id');
    return rows.map(entryOf);
  }

  override async add(key: StoredApiKey): Promise<boolean> {
    const { id, digest, previous, permissions, roles, attributes, tenant, createdAt, expiresAt, revokedAt } = key;
    const before = previous?.digest ?? digest;
    return await this.#changing(async (executor) => {
      const { rows } = await executor.execute(TAKEN, [digest, before, digest, before, id]);
      if (rows.length > 0) return false;
      await executor.execute('INSERT INTO rookery_api_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
        id,
        digest,
        previous?.digest ?? null,
        previous?.expiresAt ?? null,
        JSON.stringify({ permissions, roles, attributes, tenant }),
        createdAt,
        expiresAt ?? null,
        revokedAt ?? null,
      ]);
      return true;
    });
  }

  override async revoke(id: string, at: number): Promise<boolean> {
    return await this.#changing(async (executor) => {
      const revoking = 'UPDATE rookery_api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL';
      return (await executor.execute(revoking, [at, id])).changes > 0;
    });
  }

  override async rotate(id: string, { digest, previousUntil, expiresAt }: KeyRotation): Promise<boolean> {
    return await this.#changing(async (executor) => {
      const { rows } = await executor.execute(
        'SELECT 1 FROM rookery_api_keys WHERE digest = ? OR previous_digest = ?',
        [digest, digest],
      );
      if (rows.length > 0) return false;
      const { changes } = await executor.execute(
        `UPDATE rookery_api_keys
         SET previous_digest = digest, previous_expires_at = ?, digest = ?, expires_at = COALESCE(?, expires_at)
         WHERE id = ? AND revoked_at IS NULL`,
        [previousUntil, digest, expiresAt ?? null, id],
      );
      return changes > 0;
    });
  }

  override async revision(): Promise<number> {
    const { rows } = await (await this.#database()).execute('SELECT revision FROM rookery_api_key_revision');
    return Number(rows[0]?.['revision']);
  }

  async #one(condition: string, parameters: readonly SqlValue[]): Promise<StoredApiKey | undefined> {
    const sql = `SELECT * FROM rookery_api_keys WHERE ${condition}`;
    const { rows } = await (await this.#database()).execute(sql, parameters);
    return rows[0] && entryOf(rows[0]);
  }

  /** Counts a change when there was one, in the same transaction. */
  async #changing(work: (executor: SqlExecutor) => Promise<boolean>): Promise<boolean> {
    return await (
      await this.#database()
    ).transaction(async (executor) => {
      const changed = await work(executor);
      if (changed) await executor.execute('UPDATE rookery_api_key_revision SET revision = revision + 1');
      return changed;
    });
  }

  async #database(): Promise<SqlDatabase> {
    return await this.connections.get('store');
  }
}

function entryOf(row: SqlRow): StoredApiKey {
  const digest = row['previous_digest'];
  return {
    id: String(row['id']),
    digest: String(row['digest']),
    previous: digest === null ? undefined : { digest: String(digest), expiresAt: Number(row['previous_expires_at']) },
    ...grantsSchema.parse(JSON.parse(String(row['grants']))),
    createdAt: Number(row['created_at']),
    expiresAt: timeOf(row['expires_at']),
    revokedAt: timeOf(row['revoked_at']),
  };
}

function timeOf(value: SqlValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
