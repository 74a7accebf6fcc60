import { describe, expect, it } from 'vitest';
import { MemoryCacheStore } from './memory-cache-store.js';

function storeOf(maxSize: number): { store: MemoryCacheStore; pass: (ms: number) => void } {
  let now = 1_000;
  return { store: new MemoryCacheStore({ maxSize, now: () => now }), pass: (ms) => void (now += ms) };
}

describe('MemoryCacheStore', () => {
  it('[R1] evicts what was not used for the longest time', () => {
    const { store } = storeOf(2);
    store.set('a', 1);
    store.set('b', 2);
    store.get('a');
    store.set('c', 3);
    expect(['a', 'b', 'c'].map((key) => store.get(key))).toEqual([1, undefined, 3]);
    expect(store).toMatchObject({ size: 2, evicted: 1 });
  });

  it('[R1] keeps what is written anew longer than what was not touched', () => {
    const { store } = storeOf(2);
    store.set('a', 1);
    store.set('b', 2);
    store.set('a', 3);
    store.set('c', 4);
    expect(['a', 'b', 'c'].map((key) => store.get(key))).toEqual([3, undefined, 4]);
    expect(store).toMatchObject({ size: 2, evicted: 1 });
  });

  it('[R1] finds an entry until its time is over, and not then', () => {
    const { store, pass } = storeOf(2);
    store.set('a', 1, 100);
    pass(99);
    expect(store.get('a')).toBe(1);
    pass(1);
    expect(store.get('a')).toBeUndefined();
  });

  it('is swept of what is over, and of nothing else', () => {
    const { store, pass } = storeOf(5);
    store.set('short', 1, 100);
    store.set('long', 2, 1_000);
    store.set('endless', 3);
    pass(100);
    expect(store.sweep()).toBe(1);
    expect(store.size).toBe(2);
  });
});
