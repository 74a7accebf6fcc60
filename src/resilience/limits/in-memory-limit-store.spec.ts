import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import { describeLimitStore } from './limit-store.contract.js';
import type { LimitRequest } from './limit-store.js';

const limitOf = (key: string, limit: number, windowMs = 60_000): LimitRequest => ({
  key,
  rules: [{ limit, windowMs }],
});

describe('InMemoryLimitStore', () => {
  let now = 0;
  describeLimitStore(
    { describe, it, beforeEach, expect },
    () => new InMemoryLimitStore({ now: () => now }),
    (ms) => void (now += ms),
  );

  it('[R4] forgets whoever has not called for a window to make room for others', () => {
    let shared = 0;
    const store = new InMemoryLimitStore({ now: () => now, maxKeys: 100, onFull: () => shared++ });
    for (let minute = 0; minute < 5; minute++) {
      for (let caller = 0; caller < 100; caller++) store.take([limitOf(`${minute}:${caller}`, 1)]);
      now += 60_000;
    }
    expect([store.size, shared]).toEqual([100, 0]);
  });

  it('[R4] finds who has not called for a window behind any number of those who go on calling', () => {
    let shared = 0;
    const store = new InMemoryLimitStore({ now: () => now, maxKeys: 41, onFull: () => shared++ });
    const all = Array.from({ length: 40 }, (_, caller) => limitOf(`busy${caller}`, 10));
    for (const busy of all) store.take([busy]);
    store.take([limitOf('gone', 10)]);
    now += 30_000;
    for (const busy of all) store.take([busy]);
    now += 30_000;
    store.take([limitOf('x', 10)]);
    expect([store.size, shared, store.usage([limitOf('gone', 10)])]).toEqual([41, 0, [[0]]]);
  });

  it('[R4] counts newcomers together when everybody it knows still matters, and says so', () => {
    let shared = 0;
    const store = new InMemoryLimitStore({ now: () => now, maxKeys: 10, onFull: () => shared++ });
    for (let caller = 0; caller < 10; caller++) store.take([limitOf(`known${caller}`, 2)]);
    const newcomers = ['x', 'y', 'z'].map((key) => store.take([limitOf(key, 2)]).allowed);
    expect(newcomers).toEqual([true, true, false]);
    expect(store.take([limitOf('other rules', 3)]).allowed).toBe(true);
    expect(store.take([limitOf('known3', 2)]).allowed).toBe(true);
    expect([store.size, shared]).toEqual([10, 4]);
  });

  it('[R4] gives whoever counted with others a count of his own that begins with theirs', () => {
    const start = now;
    const store = new InMemoryLimitStore({ now: () => now, maxKeys: 1 });
    store.take([limitOf('known', 2)]);
    now = start + 30_000;
    expect(store.take([limitOf('x', 2)]).allowed).toBe(true);
    expect(store.take([limitOf('x', 2)]).allowed).toBe(true);
    now = start + 60_000;
    expect(store.take([limitOf('x', 2)])).toMatchObject({ allowed: false, retryAfterMs: 30_000 });
    now = start + 90_000;
    expect(store.take([limitOf('x', 2)]).allowed).toBe(true);
    expect([store.size, store.usage([limitOf('x', 2)])]).toEqual([1, [[1]]]);
  });

  it('[R4] remembers everybody until the last moment in which it matters', () => {
    const store = new InMemoryLimitStore({ now: () => now, maxKeys: 1 });
    store.take([limitOf('known', 1)]);
    now += 59_999;
    store.take([limitOf('x', 1)]);
    expect(store.take([limitOf('known', 1)])).toMatchObject({ allowed: false, retryAfterMs: 1 });
  });

  it('[R4] lets nobody exceed his limit, however few keys it may remember and whoever else calls', () => {
    const step = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 400, max: 990 }));
    const call = fc.tuple(fc.integer({ min: 0, max: 9 }), step, fc.boolean());
    fc.assert(
      fc.property(fc.array(call, { maxLength: 400 }), fc.integer({ min: 1, max: 8 }), (calls, maxKeys) => {
        let time = 0;
        const store = new InMemoryLimitStore({ now: () => time, maxKeys });
        const allowed = new Map<string, number[]>();
        for (const [caller, passed, alsoGlobal] of calls) {
          time += passed;
          const requests = [limitOf(`c${caller}`, 3, 1_000), ...(alsoGlobal ? [limitOf('global', 6, 500)] : [])];
          if (!store.take(requests).allowed) continue;
          for (const { key } of requests) allowed.set(key, [...(allowed.get(key) ?? []), time]);
        }
        for (const [key, times] of allowed) {
          const [most, windowMs] = key === 'global' ? [6, 500] : [3, 1_000];
          for (const from of times) {
            expect(times.filter((at) => at >= from && at < from + windowMs).length).toBeLessThanOrEqual(most);
          }
        }
        expect(store.size).toBeLessThanOrEqual(maxKeys + 1);
      }),
      { numRuns: 300 },
    );
  });
});
