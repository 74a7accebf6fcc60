import { z } from 'zod';

/** Tokens as they are kept for one person and client. */
export const tokenSet = z.object({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  /** What the access token may do. */
  scopes: z.array(z.string()),
  /** When the server handed it out; milliseconds since the epoch, as every time here. */
  obtainedAt: z.number(),
  expiresAt: z.number(),
  /** Until when somebody is at it to refresh it: others wait for what comes of that. */
  refreshingUntil: z.number().optional(),
});

/** Tokens of one person and client; never outside this folder, never in a log. */
export type TokenSet = z.output<typeof tokenSet>;

/** Scopes that ask for something beside the access token (OpenID Connect): servers do not list them as what it may do. */
const BESIDE = new Set(['openid', 'offline_access']);

/** Whether the tokens may do all of this. */
export function covers({ scopes: granted }: Pick<TokenSet, 'scopes'>, scopes: readonly string[]): boolean {
  return scopes.every((scope) => BESIDE.has(scope) || granted.includes(scope));
}

/**
 * Whether the access token is good for some time yet: `skewMs` before its end, or a fifth of its life where that is
 * less, it is refreshed, so that short-lived tokens are used at all.
 */
export function isFresh({ expiresAt, obtainedAt }: TokenSet, skewMs: number, now: number): boolean {
  return expiresAt - Math.min(skewMs, (expiresAt - obtainedAt) / 5) > now;
}

/** Scopes of several lists, each once. */
export function unionOf(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())];
}
