import { createHash, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { AuthModuleOptions } from '../../src/index.js';

/** How many callers there are. */
export const callers = 1_000;

/** How callers say who they are: an API key, or a token of HS256, with and without the memory of who came before. */
export const authWays = ['key', 'jwt', 'jwt-uncached'] as const;

/** One of them. */
export type AuthWay = (typeof authWays)[number];

/** What every caller may do. */
export const role = 'caller';

/** Credentials, one a caller, and what makes a server accept them. */
export interface Callers {
  readonly credentials: readonly string[];
  readonly auth: AuthModuleOptions;
}

/** New credentials for all callers. */
export function makeCallers(way: AuthWay): Promise<Callers> {
  return way === 'key' ? Promise.resolve(withKeys()) : withTokens(way === 'jwt');
}

/** Of the form and length of an API key, for a server that does not look at it. */
export function makeKeys(): readonly string[] {
  return Array.from({ length: callers }, () => `bench_${randomBytes(32).toString('base64url')}`);
}

function withKeys(): Callers {
  const credentials = makeKeys();
  const apiKeys = credentials.map((key, index) => {
    const entry = { hash: createHash('sha256').update(key).digest('hex'), roles: [role] };
    return [nameOf(index), entry] as const;
  });
  return { credentials, auth: { apiKeys: Object.fromEntries(apiKeys) } };
}

async function withTokens(cached: boolean): Promise<Callers> {
  const [issuer, audience] = ['https://bench.example', 'https://bench.example/mcp'];
  const secret = randomBytes(32).toString('base64url');
  const sign = (_: unknown, index: number): Promise<string> =>
    new SignJWT({ roles: [role] })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setSubject(nameOf(index))
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(secret));
  const credentials = await Promise.all(Array.from({ length: callers }, sign));
  return { credentials, auth: { jwt: { secret, issuer, audience }, principalCache: { enabled: cached } } };
}

function nameOf(index: number): string {
  return `caller-${index}`;
}
