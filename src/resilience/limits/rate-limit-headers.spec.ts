import { describe, expect, it } from 'vitest';
import { rateLimitHeaders } from './rate-limit-headers.js';

describe('rateLimitHeaders', () => {
  it('[R4] names quota, window, rest and wait as the rate limit draft has them', () => {
    const details = { retryAfter: 12, limit: 50, windowSeconds: 60, remaining: 0, policy: 'target' };
    expect(rateLimitHeaders(details)).toEqual({
      'Retry-After': '12',
      RateLimit: '"target";r=0;t=12',
      'RateLimit-Policy': '"target";q=50;w=60',
    });
  });

  it('says only how long to wait for other refusals, in whole seconds, and nothing without a wait', () => {
    expect(rateLimitHeaders({ retryAfter: 1.2 })).toEqual({ 'Retry-After': '2' });
    expect(rateLimitHeaders({ faults: [] })).toEqual({});
  });

  it('writes no name that would break out of its string', () => {
    const details = { retryAfter: 1, limit: 1, windowSeconds: 1, policy: 'a"\r\nSet-Cookie: x\\é' };
    expect(rateLimitHeaders(details).RateLimit).toBe('"a___Set-Cookie: x__";r=0;t=1');
  });
});
