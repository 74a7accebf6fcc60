import type { StoredApiKey } from '../../auth/index.js';
import { columns, isoTime, printable } from '../output.js';

/** What is shown of a key: nothing that a key could be told from. */
export interface ListedKey {
  readonly id: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tenant?: string | undefined;
  /** ISO 8601 in UTC, as all times here. */
  readonly createdAt: string;
  readonly expiresAt?: string | undefined;
  readonly revokedAt?: string | undefined;
  /** Until when the key before the last rotation works too; absent when it does not any more. */
  readonly previousUntil?: string | undefined;
}

/** A key as it is at a time. */
export function listedKey(key: StoredApiKey, now: number): ListedKey {
  const { id, roles, permissions, attributes, tenant, createdAt, expiresAt, revokedAt, previous } = key;
  const state = revokedAt !== undefined ? 'revoked' : now >= (expiresAt ?? Infinity) ? 'expired' : 'active';
  const previousEnd = Math.min(previous?.expiresAt ?? 0, expiresAt ?? Infinity);
  return {
    id,
    state,
    roles,
    permissions,
    attributes,
    tenant,
    createdAt: isoTime(createdAt),
    expiresAt: expiresAt === undefined ? undefined : isoTime(expiresAt),
    revokedAt: revokedAt === undefined ? undefined : isoTime(revokedAt),
    previousUntil: state === 'active' && previousEnd > now ? isoTime(previousEnd) : undefined,
  };
}

/** Keys as a table with a heading; without keys nothing. */
export function renderKeys(keys: readonly ListedKey[]): string {
  if (keys.length === 0) return '';
  const rows = keys.map(({ id, state, roles, permissions, tenant, createdAt, expiresAt, previousUntil }) =>
    [
      id,
      previousUntil === undefined ? state : `${state}, old key until ${previousUntil}`,
      roles.join(',') || '-',
      permissions.join(',') || '-',
      tenant ?? '-',
      createdAt,
      expiresAt ?? 'never',
    ].map(printable),
  );
  return columns([['ID', 'STATE', 'ROLES', 'PERMISSIONS', 'TENANT', 'CREATED', 'EXPIRES'], ...rows]);
}
