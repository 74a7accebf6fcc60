import { describe, expect, it } from 'vitest';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import { LimitThrottlerStorage } from './limit-throttler-storage.js';

describe('LimitThrottlerStorage', () => {
  const bench = (): { now: number; increment: (ttl: number, limit: number, block: number) => Promise<string> } => {
    const state = { now: 0 };
    const storage = new LimitThrottlerStorage(new InMemoryLimitStore({ now: () => state.now }));
    const increment = async (ttl: number, limit: number, block: number): Promise<string> => {
      const { totalHits, isBlocked, timeToBlockExpire } = await storage.increment('key', ttl, limit, block, 'default');
      return isBlocked ? `blocked ${timeToBlockExpire}` : `hit ${totalHits}`;
    };
    return Object.assign(state, { increment });
  };

  it('[R4] counts hits in a sliding window and tells in seconds how long a caller is blocked', async () => {
    const at = bench();
    expect([await at.increment(10_000, 2, 10_000), await at.increment(10_000, 2, 10_000)]).toEqual(['hit 1', 'hit 2']);
    at.now = 4_000;
    expect(await at.increment(10_000, 2, 10_000)).toBe('blocked 6');
    at.now = 10_000;
    expect(await at.increment(10_000, 2, 10_000)).toBe('hit 1');
  });

  it('keeps a refused caller blocked as long as asked for', async () => {
    const at = bench();
    await at.increment(1_000, 1, 30_000);
    expect(await at.increment(1_000, 1, 30_000)).toBe('blocked 30');
    at.now = 5_000;
    expect(await at.increment(1_000, 1, 30_000)).toBe('blocked 30');
    at.now = 30_000;
    expect(await at.increment(1_000, 1, 30_000)).toBe('hit 1');
  });
});
