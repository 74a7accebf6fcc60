import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../core/index.js';
import type { RefusalReason } from '../door/refusal-reason.js';
import type { StoredApiKey } from './api-key-store.js';

/** A key of the store or of the configuration. */
export interface KeyRecord extends StoredApiKey {
  readonly disabled?: boolean | undefined;
}

/** What stands in for a key that there is not: so that it takes the same path as one that is revoked. */
const NOBODY: KeyRecord = {
  id: 'nobody',
  digest: '0'.repeat(64),
  previous: { digest: '0'.repeat(64), expiresAt: 0 },
  permissions: [],
  roles: [],
  attributes: {},
  createdAt: 0,
  expiresAt: 0,
  revokedAt: 0,
};

/** What comes of a key. */
export type KeyJudgement =
  | { readonly principal: Principal; readonly reason?: undefined }
  | { readonly reason: RefusalReason; readonly principal?: undefined };

/**
 * Decides about a key that was presented, by its digest and what was found under it. Both digests are always compared,
 * in constant time, and all rules looked at, whatever was found.
 */
export function judgeKey(digest: string, found: KeyRecord | undefined, now: number): KeyJudgement {
  const record = found ?? NOBODY;
  const presented = Buffer.from(digest);
  const isCurrent = sameDigest(presented, record.digest);
  const isPrevious = sameDigest(presented, (record.previous ?? record).digest);
  const end = Math.min(
    record.expiresAt ?? Number.POSITIVE_INFINITY,
    isCurrent ? Number.POSITIVE_INFINITY : (record.previous?.expiresAt ?? 0),
  );
  const revoked = record.revokedAt !== undefined;
  const expired = now >= end;
  if (found === undefined || !(isCurrent || isPrevious)) return { reason: 'unknown' };
  if (revoked) return { reason: 'revoked' };
  if (record.disabled === true) return { reason: 'disabled' };
  return expired ? { reason: 'expired' } : { principal: principalOf(record, end) };
}

function sameDigest(presented: Buffer, digest: string): boolean {
  const known = Buffer.from(digest);
  return timingSafeEqual(presented, known.length === presented.length ? known : Buffer.alloc(presented.length));
}

function principalOf({ id, roles, permissions, attributes, tenant }: KeyRecord, end: number): Principal {
  return Object.freeze({
    id,
    roles,
    permissions,
    attributes,
    ...(tenant !== undefined && { tenant }),
    ...(Number.isFinite(end) && { expiresAt: end }),
  });
}
