import type { ErrorDetails } from '../../core/index.js';

/** Of a refused call: what the answer over HTTP says in its headers. */
export interface RateLimitHeaders {
  /** Seconds (RFC 9110, 10.2.3). */
  readonly 'Retry-After'?: string;
  /** What is left: nothing, and for how many seconds (draft-ietf-httpapi-ratelimit-headers, `RateLimit`). */
  readonly RateLimit?: string;
  /** The quota that was used up and its window in seconds (same draft, `RateLimit-Policy`). */
  readonly 'RateLimit-Policy'?: string;
}

/** What a structured field string may contain without escapes (RFC 9651, 3.3.3). */
const PLAIN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/**
 * The headers that belong to the details of an error: `Retry-After` whenever there is a time to wait, and the two of the
 * rate limit draft when a limit refused.
 */
export function rateLimitHeaders(details: ErrorDetails): RateLimitHeaders {
  const { retryAfter, limit, remaining, policy, windowSeconds } = details;
  if (typeof retryAfter !== 'number') return {};
  const wait = { 'Retry-After': String(Math.ceil(retryAfter)) };
  if (typeof limit !== 'number' || typeof policy !== 'string' || typeof windowSeconds !== 'number') return wait;
  const name = `"${policy.replace(PLAIN, '_')}"`;
  return {
    ...wait,
    RateLimit: `${name};r=${typeof remaining === 'number' ? remaining : 0};t=${Math.ceil(retryAfter)}`,
    'RateLimit-Policy': `${name};q=${limit};w=${Math.ceil(windowSeconds)}`,
  };
}
