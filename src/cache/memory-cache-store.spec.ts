import fc from 'fast-check';
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

  it('[R1] evicts by age, and passes once over what was used', () => {
    const step = fc.tuple(fc.boolean(), fc.constantFrom(...'a b c d e f g h'.split(' ')));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 80 }), (maxSize, steps) => {
        const { store } = storeOf(maxSize);
        // Oldest first; whether each was used since.
        const queue: { key: string; used: boolean }[] = [];
        for (const [writes, key] of steps) {
          const known = queue.find((one) => one.key === key);
          if (known !== undefined) known.used = true;
          if (writes) store.set(key, key);
          else expect(store.get(key)).toBe(known === undefined ? undefined : key);
          if (!writes || known !== undefined) continue;
          while (queue.length >= maxSize) {
            const oldest = queue.shift() as { key: string; used: boolean };
            if (oldest.used) queue.push({ ...oldest, used: false });
          }
          queue.push({ key, used: false });
        }
      }),
    );
  });

  it('[R1] does not evict what came last into a place that became free', () => {
    const { store } = storeOf(3);
    for (const key of ['a', 'b', 'c']) store.set(key, key);
    store.delete('a');
    store.set('new', 'new');
    store.set('newer', 'newer');
    expect(['b', 'c', 'new', 'newer'].map((key) => store.get(key))).toEqual([undefined, 'c', 'new', 'newer']);
  });

  it('[R1] never gives what is over or was removed, nor keeps more than it may', () => {
    const step = fc.record({
      what: fc.constantFrom('set', 'set', 'set', 'get', 'delete', 'sweep', 'clear', 'wait'),
      key: fc.constantFrom(...'a b c d e f g h'.split(' ')),
      ttl: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (maxSize, steps) => {
        const { store, pass } = storeOf(maxSize);
        const model = new Map<string, { value: number; until: number }>();
        let now = 0;
        for (const [index, { what, key, ttl }] of steps.entries()) {
          if (what === 'set') {
            store.set(key, index, ttl);
            model.set(key, { value: index, until: ttl === undefined ? Infinity : now + ttl });
          } else if (what === 'get') {
            const found = store.get(key);
            const { value, until = 0 } = model.get(key) ?? {};
            if (found !== undefined) expect({ found, over: now >= until }).toEqual({ found: value, over: false });
          } else if (what === 'delete') {
            store.delete(key);
            model.delete(key);
            expect(store.get(key)).toBeUndefined();
          } else if (what === 'clear') {
            store.clear();
            model.clear();
          } else if (what === 'sweep') store.sweep();
          else {
            pass(10);
            now += 10;
          }
          expect(store.size).toBeLessThanOrEqual(maxSize);
          if (what === 'set' && ttl === undefined) expect(store.get(key)).toBe(index);
        }
      }),
    );
  });

  it('[R1] removes what was not found for one whose place became free', () => {
    const { store } = storeOf(3);
    for (const key of ['a', 'b', 'c']) store.set(key, key);
    store.delete('b');
    store.set('d', 'd');
    expect(store).toMatchObject({ size: 3, evicted: 0 });
    store.set('e', 'e');
    expect(['a', 'c', 'd', 'e'].map((key) => store.get(key))).toEqual([undefined, 'c', 'd', 'e']);
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
