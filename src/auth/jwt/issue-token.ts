import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { JwtSettings } from './jwt.options.js';
import { signingKey } from './token-keys.js';

/** What a token for a service account is to say. */
export interface TokenRequest {
  readonly subject: string;
  readonly permissions?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** One of `auth.jwt.audience`; the first by default. */
  readonly audience?: string | undefined;
  /** Hours until its end; `auth.jwt.tokenExpiryHours` by default and at the most. */
  readonly hours?: number | undefined;
}

/**
 * Issues a token that this server accepts, signed with `auth.jwt.secret` or `auth.jwt.privateKey`. It stands in the
 * claims that the configuration names, where they are not nested.
 *
 * @throws Error saying what is missing in the configuration, or what the request asks too much of
 */
export async function issueToken(request: TokenRequest, settings: JwtSettings, now = Date.now()): Promise<string> {
  const { subject, permissions = [], roles = [], scopes = [] } = request;
  if (subject === '') throw new Error('A token needs a subject: the id of who it is for.');
  const { key, algorithm } = signingKey(settings);
  const issuedAt = Math.floor(now / 1000);
  const maxHours = settings.maxAgeMs / 3_600_000;
  const hours = request.hours ?? maxHours;
  if (!(hours > 0 && hours <= maxHours)) {
    throw new Error(`A token lives up to ${maxHours} hours (auth.jwt.tokenExpiryHours), not ${hours}.`);
  }
  const claims: Record<string, unknown> = {};
  put(claims, settings.claims.id, subject);
  if (permissions.length > 0) put(claims, settings.claims.permissions, permissions);
  if (roles.length > 0) put(claims, settings.claims.roles, roles);
  if (scopes.length > 0) put(claims, settings.claims.scopes, scopes.join(' '));
  return new SignJWT({ ...claims, sub: subject })
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt' })
    .setIssuer(settings.issuers[0] ?? '')
    .setAudience(audienceOf(request.audience, settings.audiences))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(hours * 3600))
    .setJti(randomUUID())
    .sign(key);
}

function audienceOf(wanted: string | undefined, audiences: readonly string[]): string {
  const audience = wanted ?? audiences[0];
  if (audience === undefined) throw new Error('Name the audience: the URL of the server that the token is for.');
  if (audiences.length > 0 && !audiences.includes(audience)) {
    throw new Error(`The audience must be one of auth.jwt.audience: ${audiences.join(', ')}.`);
  }
  return audience;
}

/** Puts a value where it is read from: at the first path, nested as its dots say unless it is a URL. */
function put(claims: Record<string, unknown>, [path = '']: readonly string[], value: unknown): void {
  const segments = path.includes('://') ? [path] : path.split('.');
  const last = segments.pop() ?? '';
  let place = claims;
  for (const segment of segments) {
    place = (place[segment] ??= {}) as Record<string, unknown>;
  }
  place[last] = value;
}
