import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlightMap } from './in-flight-map.js';
import { oldBytesOf } from './testing-old-space.js';

describe('InFlightMap', () => {
  it('is what a Map is, whatever is set and deleted', () => {
    const step = fc.tuple(fc.constantFrom('set', 'set', 'delete'), fc.nat({ max: 50 }), fc.nat());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const inFlight = new InFlightMap<number, number>();
        const map = new Map<number, number>();
        for (const [what, key, value] of steps) {
          if (what === 'delete') expect(inFlight.delete(key)).toBe(map.delete(key));
          else [inFlight, map].forEach((each) => each.set(key, value));
          expect([inFlight.size, inFlight.get(key), inFlight.has(key)]).toEqual([map.size, map.get(key), map.has(key)]);
        }
        expect([...inFlight.entries()]).toEqual([...map]);
        expect([[...inFlight.keys()], [...inFlight.values()]]).toEqual([[...map.keys()], [...map.values()]]);
      }),
    );
  });

  it.each([1, 50, 400])('holds nothing that was deleted, though it has grown old; %i under way', (underWay) => {
    const map = new InFlightMap<unknown, unknown>();
    const grown = oldBytesOf(
      { make: (payload) => ({ payload }), add: (entry) => map.set(entry, entry), remove: (entry) => map.delete(entry) },
      underWay,
    );
    expect(grown).toBeLessThan(2_000_000);
  });
});
