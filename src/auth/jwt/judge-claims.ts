import { isObject, type Principal } from '../../core/index.js';
import { isPrincipalId } from '../door/as-principal.js';
import type { RefusalReason } from '../door/refusal-reason.js';
import { ClaimFault, firstClaim, namesIn, scopesIn, type Claims } from './claims.js';
import type { ClaimPaths } from './jwt.options.js';

/** What a token must say to be accepted, and where it says who it is about. */
export interface TokenRules {
  readonly issuers: readonly string[];
  /** Asked for with every token: this server's URL is known once it listens. */
  readonly audiences: () => readonly string[];
  /** By how many milliseconds clocks may differ. */
  readonly toleranceMs: number;
  /** How many milliseconds after its issue a token is accepted at the most. */
  readonly maxAgeMs: number;
  readonly claims: ClaimPaths;
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** What comes of a token's claims. */
export type ClaimsJudgement =
  | { readonly principal: Principal; readonly reason?: undefined }
  | { readonly reason: RefusalReason; readonly principal?: undefined };

/**
 * Decides about the claims of a token whose signature is good: the same rules whichever library checked that.
 *
 * `iss`, `aud`, `exp` and `iat` must be there; `nbf` counts when it is. What can be told to be another kind of token is
 * refused (RFC 8725 §3.12), and so is one that is bound to a key of the client: its proof is not checked here.
 *
 * @param now - milliseconds since the epoch
 */
export function judgeClaims(claims: Claims, rules: TokenRules, now: number): ClaimsJudgement {
  const reason = identityFault(claims, rules) ?? timeFault(claims, rules, now);
  if (reason !== undefined) return { reason };
  try {
    return principalOf(claims, rules);
  } catch (error) {
    if (error instanceof ClaimFault) return { reason: 'claims' };
    throw error;
  }
}

function identityFault(claims: Claims, { issuers, audiences }: TokenRules): RefusalReason | undefined {
  const { iss, aud } = claims;
  if (typeof iss !== 'string' || !issuers.includes(iss)) return 'issuer';
  const meant: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const accepted = audiences();
  if (!meant.some((audience) => typeof audience === 'string' && accepted.includes(audience))) return 'audience';
  if (isOtherToken(claims)) return 'token_type';
  return isObject(claims['cnf']) ? 'sender_constrained' : undefined;
}

/** Claims that only ID tokens and logout tokens have, and what Keycloak and Cognito say in so many words. */
function isOtherToken({ at_hash: atHash, c_hash: codeHash, events, typ, token_use: use }: Claims): boolean {
  if (atHash !== undefined || codeHash !== undefined || events !== undefined) return true;
  if (typeof typ === 'string' && ['id', 'refresh', 'offline', 'logout'].includes(typ.toLowerCase())) return true;
  return use !== undefined && use !== 'access';
}

function timeFault(claims: Claims, { toleranceMs, maxAgeMs }: TokenRules, now: number): RefusalReason | undefined {
  const { exp, iat, nbf } = claims;
  if (!isTime(exp) || !isTime(iat) || !(nbf === undefined || isTime(nbf))) return 'claims';
  if (exp * 1000 + toleranceMs <= now) return 'expired';
  if (Math.max(iat, nbf ?? iat) * 1000 > now + toleranceMs) return 'not_yet_valid';
  return iat * 1000 + maxAgeMs + toleranceMs <= now ? 'too_old' : undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function principalOf(claims: Claims, rules: TokenRules): ClaimsJudgement {
  const { claims: paths, groups, maxAgeMs, toleranceMs } = rules;
  const id = textOf(firstClaim(claims, paths.id));
  if (!isPrincipalId(id)) return { reason: 'claims' };
  const tenant = textOf(firstClaim(claims, paths.tenant));
  const actor = isObject(claims['act']) ? textOf(claims['act']['sub']) : undefined;
  const ofGroups = namesIn(claims, paths.groups).flatMap((group) =>
    Object.hasOwn(groups, group) ? (groups[group] ?? []) : [],
  );
  const principal: Principal = {
    id,
    roles: [...new Set([...namesIn(claims, paths.roles), ...ofGroups])],
    permissions: namesIn(claims, paths.permissions),
    scopes: scopesIn(claims, paths.scopes),
    attributes: claims,
    issuer: claims['iss'] as string,
    ...(tenant !== undefined && { tenant }),
    ...(actor !== undefined && { actor }),
    expiresAt: Math.min((claims['exp'] as number) * 1000, (claims['iat'] as number) * 1000 + maxAgeMs) + toleranceMs,
  };
  return { principal: Object.freeze(principal) };
}

/** Ids are texts, in some issuers' custom claims numbers. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (value === undefined || typeof value === 'string') return value;
  throw new ClaimFault('is not a text');
}
