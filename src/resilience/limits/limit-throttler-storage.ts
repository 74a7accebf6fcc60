import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { RookeryError, asHttpException } from '../../core/index.js';
import { LimitStore, type LimitRequest } from './limit-store.js';

/** What {@link LimitThrottlerStorage.increment} resolves with: times are in seconds. */
type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/**
 * The `ThrottlerStorage` behind the guard of `@nestjs/throttler` on ordinary routes: it counts in the same store as the
 * limits of calls, with the same sliding window, so that they hold across processes where those do.
 */
@Injectable()
export class LimitThrottlerStorage implements ThrottlerStorage {
  constructor(private readonly store: LimitStore) {}

  /**
   * @param ttl - milliseconds
   * @param blockDuration - milliseconds for which a refused caller stays refused, if longer
   * @throws HttpException 503, when the store does not answer and calls are to be refused then
   */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<ThrottlerRecord> {
    try {
      return await this.#increment(key, ttl, limit, blockDuration, throttlerName);
    } catch (error) {
      throw error instanceof RookeryError ? asHttpException(error) : error;
    }
  }

  async #increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<ThrottlerRecord> {
    const calls: LimitRequest = { key: `route:${throttlerName}:${key}`, rules: [{ limit, windowMs: ttl }] };
    // A refusal is remembered as a call of its own key: as long as there is one, the caller stays blocked.
    const block: LimitRequest | undefined =
      blockDuration > ttl
        ? { key: `block:${throttlerName}:${key}`, rules: [{ limit: 1, windowMs: blockDuration }] }
        : undefined;
    const [[blocked = 0] = []] = block === undefined ? [] : await this.store.usage([block]);
    if (block !== undefined && blocked > 0) return refused(limit, ttl, blockDuration);
    const verdict = await this.store.take([calls]);
    if (!verdict.allowed) {
      if (block !== undefined) await this.store.take([block]);
      return refused(limit, ttl, block === undefined ? verdict.retryAfterMs : blockDuration);
    }
    const [[totalHits = 1] = []] = await this.store.usage([calls]);
    // Not known while everything is let through.
    return { totalHits: totalHits || 1, timeToExpire: seconds(ttl), isBlocked: false, timeToBlockExpire: 0 };
  }
}

function refused(limit: number, ttl: number, waitMs: number): ThrottlerRecord {
  return { totalHits: limit + 1, timeToExpire: seconds(ttl), isBlocked: true, timeToBlockExpire: seconds(waitMs) };
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
