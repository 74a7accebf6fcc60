import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RawJsonSchemaCompiler } from './raw-json-schema.js';
import { areUnique } from './unique-items.js';

describe('unique items', () => {
  it('are those of which no two are equal', () => {
    const unique = (list: readonly unknown[]): boolean =>
      list.every((one, index) => list.slice(index + 1).every((other) => !isDeepStrictEqual(one, other)));
    const item = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(fc.array(item), fc.boolean(), (items, again) => {
        const list = again ? [...items, ...items.slice(0, 1)] : items;
        const sent = JSON.parse(JSON.stringify(list)) as unknown[];
        expect(areUnique(sent)).toBe(unique(sent));
      }),
    );
  });

  it.each([
    [[1, '1', [1], ['1'], { a: 1 }, { a: '1' }, null, false, 0], true],
    [
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      false,
    ],
    [['\u0000[1]', [1]], true],
    [[0, -0], false],
  ])('%j: %s', (items, unique) => {
    expect(areUnique(items)).toBe(unique);
  });

  it('[R7] are found among 80,000 objects in a time that grows as their number does', () => {
    const { parse } = new RawJsonSchemaCompiler().compile({ properties: { list: { uniqueItems: true } } }, 'input');
    const list = Array.from({ length: 80_000 }, (_, index) => ({ index }));
    const few = timeOf(() => parse({ list: list.slice(0, 8_000) }));
    expect(timeOf(() => parse({ list }))).toBeLessThan(40 * few);
    expect(parse({ list })).toMatchObject({ ok: true });
    expect(parse({ list: [...list, { index: 7 }] })).toMatchObject({ ok: false, faults: [{ path: 'list' }] });
  });
});

/** Microseconds of the processor, the best of three: what else runs here does not count. */
function timeOf(work: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    return user + system;
  });
  return Math.min(...times);
}
