import type { Challenges } from '../../auth/index.js';
import { InsufficientScopeError, type RookeryError } from '../../core/index.js';
import { rateLimitHeaders } from '../../resilience/index.js';

/**
 * What the headers of an HTTP answer say of a failed call: when to come again (RFC 9110 §10.2.3), or which credential
 * is missing (RFC 6750 §3). `undefined` where there is nothing to say.
 */
export function outcomeHeaders(
  failure: RookeryError,
  challenges: Challenges | undefined,
): Readonly<Record<string, string>> | undefined {
  const { code, details } = failure;
  if (code === 'unauthenticated' && challenges !== undefined) return { 'www-authenticate': challenges.anonymous() };
  if (failure instanceof InsufficientScopeError && challenges !== undefined) {
    return { 'www-authenticate': challenges.insufficientScope(failure.scopes) };
  }
  const waiting = Object.entries(rateLimitHeaders(details));
  return waiting.length === 0 ? undefined : Object.fromEntries(waiting);
}
