import type { ThrottlerStorage } from '@nestjs/throttler';
import { ALLOWED, LimitStore, type LimitRequest, type LimitUsage, type LimitVerdict } from './limit-store.js';

/**
 * Limits in a `ThrottlerStorage` that somebody else wrote.
 *
 * It can only count one limit at a time, and counts before it decides: a call that a later limit refuses has used up
 * room in the earlier ones, and what a window is, is the storage's to say. Limits are taken in their order and end at
 * the first that refuses.
 */
export class ForeignLimitStore extends LimitStore {
  constructor(private readonly storage: ThrottlerStorage) {
    super();
  }

  override async take(requests: readonly LimitRequest[]): Promise<LimitVerdict> {
    for (const [request, { key, rules }] of requests.entries()) {
      for (const [rule, { limit, windowMs }] of rules.entries()) {
        const name = `${key}:${windowMs}`;
        // One after another: what is refused must not be counted in the limits behind.
        const { isBlocked, timeToBlockExpire } = await this.storage.increment(name, windowMs, limit, windowMs, name);
        if (isBlocked) return { allowed: false, retryAfterMs: Math.max(1, timeToBlockExpire * 1000), request, rule };
      }
    }
    return ALLOWED;
  }

  /** Not known: a `ThrottlerStorage` cannot be asked without counting. */
  override usage(requests: readonly LimitRequest[]): LimitUsage {
    return requests.map(({ rules }) => rules.map(() => Number.NaN));
  }
}
