import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkedList, type Linked, type Links } from './linked-list.js';
import { oldBytesOf } from './testing-old-space.js';

class Entry implements Linked<Entry> {
  links: Links<Entry> | undefined;

  constructor(readonly payload?: unknown) {}
}

describe('LinkedList', () => {
  it('is what a Set is, whatever is added and removed', () => {
    const step = fc.tuple(fc.boolean(), fc.nat({ max: 7 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const entries = Array.from({ length: 8 }, (_, index) => new Entry(index));
        const list = new LinkedList<Entry>();
        const set = new Set<Entry>();
        for (const [adds, index] of steps) {
          const entry = entries[index] as Entry;
          if (adds) {
            list.add(entry);
            set.add(entry);
          } else expect(list.remove(entry)).toBe(set.delete(entry));
          expect([...list]).toEqual([...set]);
          expect([list.size, list.first]).toEqual([set.size, [...set][0]]);
        }
      }),
    );
  });

  it('lets entries be removed by whoever is told of them', () => {
    const [first, second, third] = [new Entry(), new Entry(), new Entry()];
    const list = new LinkedList<Entry>();
    for (const entry of [first, second, third]) list.add(entry);
    const told: Entry[] = [];
    for (const entry of list) {
      told.push(entry);
      list.remove(first);
      list.remove(second);
    }
    expect(told).toEqual([first, third]);
    expect([...list]).toEqual([third]);
  });

  it('holds nothing that was removed, though it has grown old', () => {
    const list = new LinkedList<Entry>();
    const grown = oldBytesOf({
      make: (payload) => new Entry(payload),
      add: (entry) => list.add(entry),
      remove: (entry) => list.remove(entry),
    });
    expect(grown).toBeLessThan(2_000_000);
  });
});
