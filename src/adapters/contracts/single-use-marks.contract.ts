import type { ContractRunner, SingleUseMarks } from '../../core/index.js';

/**
 * What every {@link SingleUseMarks} must do. `makeMarks` gives marks without any set for each test; `another`, where a
 * back end is shared, those of another process. `pass` lets time go by, which a test of a real back end waits for.
 */
export function describeSingleUseMarks(
  { describe, it, expect, beforeEach }: ContractRunner,
  makeMarks: () => SingleUseMarks | Promise<SingleUseMarks>,
  pass: (ms: number) => void | Promise<void>,
  another?: () => SingleUseMarks | Promise<SingleUseMarks>,
): void {
  describe('SingleUseMarks contract', () => {
    let marks: SingleUseMarks;

    beforeEach(async () => void (marks = await makeMarks()));

    it('gives a mark to one claim only, also of many at once', async () => {
      const claims = await Promise.all(Array.from({ length: 10 }, () => marks.claim('a', 60_000)));
      expect(claims.filter(Boolean).length).toBe(1);
      expect(await marks.claim('a', 60_000)).toBe(false);
      expect(await marks.claim('b', 60_000)).toBe(true);
    });

    it('frees a mark when its time is over', async () => {
      expect(await marks.claim('a', 20)).toBe(true);
      await pass(40);
      expect(await marks.claim('a', 60_000)).toBe(true);
      expect(await marks.claim('a', 60_000)).toBe(false);
    });

    it('takes a lifetime of parts of a millisecond', async () => {
      expect(await marks.claim('a', 60_000.5)).toBe(true);
      expect(await marks.claim('b', 0.25)).toBe(true);
    });

    it('frees a mark that was released, and releases one that was never set', async () => {
      await marks.claim('a', 60_000);
      await marks.release('a');
      await marks.release('b');
      expect(await marks.claim('a', 60_000)).toBe(true);
      expect(await marks.claim('b', 60_000)).toBe(true);
    });

    if (another !== undefined) {
      it('shares marks with other processes', async () => {
        const other = await another();
        const claims = await Promise.all([marks.claim('a', 60_000), other.claim('a', 60_000)]);
        expect(claims.filter(Boolean).length).toBe(1);
        await other.release('a');
        expect(await marks.claim('a', 60_000)).toBe(true);
      });
    }
  });
}
