import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineWheel } from './deadline-wheel.js';
import { TimingWheel, WheelEntry } from './timing-wheel.js';

class Entry extends WheelEntry {
  constructor(private readonly act: () => void = () => undefined) {
    super();
  }

  override due(): void {
    this.act();
  }
}

describe('TimingWheel', () => {
  it('[S12] has every entry due once, not before its time and at most a tick late, whatever is added and removed', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: -50, max: 900 }) }),
      fc.record({ remove: fc.nat() }),
      fc.record({ pass: fc.integer({ min: 1, max: 400 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let now = 5;
        const wheel = new TimingWheel(now, 10, 16);
        const standing = new Map<Entry, number>();
        for (const { add, remove, pass } of steps as { add?: number; remove?: number; pass?: number }[]) {
          if (add !== undefined) {
            const entry = new Entry();
            wheel.add(entry, now + add);
            standing.set(entry, Math.max(now, now + add));
          } else if (remove !== undefined) {
            const entry = [...standing.keys()][remove % Math.max(1, standing.size)];
            if (entry === undefined) continue;
            wheel.remove(entry);
            wheel.remove(entry);
            standing.delete(entry);
          } else {
            now += pass ?? 0;
            for (const entry of wheel.advance(now)) {
              expect(entry.at).toBeLessThanOrEqual(now);
              expect(standing.delete(entry as Entry)).toBe(true);
            }
            for (const dueAt of standing.values()) expect(dueAt).toBeGreaterThan(now - 20);
          }
          expect(wheel.size).toBe(standing.size);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('DeadlineWheel', () => {
  const manual = (): { now: number; rings: number; ring: () => void; wheel: DeadlineWheel; errors: unknown[] } => {
    const bench = { now: 0, rings: 0, ring: (): void => undefined, errors: [] as unknown[] };
    const wheel = new DeadlineWheel({
      now: () => bench.now,
      alarm: (ring) => {
        bench.ring = ring;
        bench.rings++;
        return { refresh: () => bench.rings++ };
      },
      onError: (error) => bench.errors.push(error),
    });
    return Object.assign(bench, { wheel });
  };

  it('runs one timer for all deadlines, and none while there is nothing to wait for', () => {
    const bench = manual();
    const entries = Array.from({ length: 100 }, () => new Entry());
    for (const entry of entries) bench.wheel.addIn(entry, 1_000);
    expect(bench.rings).toBe(1);
    for (const entry of entries) bench.wheel.remove(entry);
    bench.now += 10;
    bench.ring();
    expect([bench.rings, bench.wheel.size]).toEqual([1, 0]);
    bench.wheel.addIn(new Entry(), 1_000);
    expect(bench.rings).toBe(2);
  });

  it('is on time after it stood still, and lets an entry set a new deadline', () => {
    const bench = manual();
    const times: number[] = [];
    bench.now = 1_000_000;
    bench.wheel.addIn(
      new Entry(() => {
        times.push(bench.now);
        if (times.length < 2) bench.wheel.addIn(new Entry(() => times.push(bench.now)), 25);
      }),
      25,
    );
    for (let tick = 0; tick < 10; tick++) {
      bench.now += 10;
      bench.ring();
    }
    expect(times).toEqual([1_000_030, 1_000_060]);
  });

  it('reports what an entry throws, and has the others due', () => {
    const bench = manual();
    let due = 0;
    bench.wheel.addIn(new Entry(() => due++), 5);
    bench.wheel.addIn(
      new Entry(() => {
        throw new Error('broken');
      }),
      5,
    );
    bench.wheel.addIn(new Entry(() => due++), 5);
    bench.now += 10;
    bench.ring();
    expect([due, bench.errors]).toEqual([2, [new Error('broken')]]);
  });
});
