import type { ContractRunner } from '../../core/index.js';
import type { LimitRequest, LimitStore } from './limit-store.js';

/** The windows of the suite: several round trips fit into one. A back end with a clock of its own makes tests wait for one. */
const WINDOW_MS = 1_000;

const request = (key: string, ...rules: readonly (readonly [limit: number, windowMs: number])[]): LimitRequest => ({
  key,
  rules: rules.map(([limit, windowMs]) => ({ limit, windowMs })),
});

/**
 * What every {@link LimitStore} must do. `makeStore` gives an empty store for each test; `pass` lets time go by, which a
 * test of a real back end waits for; `another`, where a back end is shared, gives the store of another process.
 */
export function describeLimitStore(
  { describe, it, expect, beforeEach }: ContractRunner,
  makeStore: () => LimitStore | Promise<LimitStore>,
  pass: (ms: number) => void | Promise<void>,
  another?: () => LimitStore | Promise<LimitStore>,
): void {
  describe('LimitStore contract', () => {
    let store: LimitStore;
    const passed = async (requests: readonly LimitRequest[]): Promise<boolean> => (await store.take(requests)).allowed;

    beforeEach(async () => void (store = await makeStore()));

    it('allows as many calls as the limit, refuses the next, and other keys are unaffected', async () => {
      const a = [request('a', [3, 60_000])];
      const allowed = [await passed(a), await passed(a), await passed(a), await passed(a)];
      expect(allowed).toEqual([true, true, true, false]);
      expect(await passed([request('b', [3, 60_000])])).toBe(true);
    });

    it('says how long to wait and which rule refused: the one with the longest wait', async () => {
      await store.take([request('a', [1, 1_000]), request('b', [5, 1_000], [1, 30_000])]);
      const verdict = await store.take([request('a', [1, 1_000]), request('b', [5, 1_000], [1, 30_000])]);
      const { retryAfterMs, ...place } = verdict.allowed ? { retryAfterMs: 0 } : verdict;
      expect(place).toEqual({ allowed: false, request: 1, rule: 1 });
      expect(retryAfterMs).toBeGreaterThan(25_000);
      expect(retryAfterMs).toBeLessThanOrEqual(30_000);
    });

    it('has room again once the time it named has passed, and not for more than left the window', async () => {
      const short = [request('a', [2, WINDOW_MS])];
      await store.take(short);
      await store.take(short);
      const verdict = await store.take(short);
      await pass(verdict.allowed ? 0 : Math.ceil(verdict.retryAfterMs));
      expect(await passed(short)).toBe(true);
      await pass(WINDOW_MS);
      expect([await passed(short), await passed(short), await passed(short)]).toEqual([true, true, false]);
    });

    it('counts a refused call nowhere', async () => {
      const wide = request('wide', [2, 60_000]);
      await store.take([request('narrow', [1, 60_000]), wide]);
      for (let refused = 0; refused < 5; refused++) await store.take([wide, request('narrow', [1, 60_000])]);
      expect(await store.usage([wide])).toEqual([[1]]);
      expect(await passed([wide])).toBe(true);
    });

    it('applies a limit and a burst to the same calls', async () => {
      const both = [request('a', [5, 60_000], [2, WINDOW_MS])];
      expect([await passed(both), await passed(both), await passed(both)]).toEqual([true, true, false]);
      await pass(WINDOW_MS);
      expect([await passed(both), await passed(both), await passed(both)]).toEqual([true, true, false]);
      await pass(WINDOW_MS);
      expect([await passed(both), await passed(both)]).toEqual([true, false]);
    });

    it('is exact among calls that come at once', async () => {
      const verdicts = await Promise.all(
        Array.from({ length: 50 }, async (_, call) =>
          store.take([request('a', [7, 60_000]), request(`own${call % 5}`, [9, 60_000])]),
        ),
      );
      expect(verdicts.filter(({ allowed }) => allowed).length).toBe(7);
    });

    it('tells how much is used, of what nobody has used too, and counts nothing for it', async () => {
      const asked = [request('a', [10, 60_000], [4, WINDOW_MS]), request('unused', [1, 1_000])];
      expect(await store.usage(asked)).toEqual([[0, 0], [0]]);
      await store.take([request('a', [10, 60_000], [4, WINDOW_MS])]);
      await store.take([request('a', [10, 60_000], [4, WINDOW_MS])]);
      expect(await store.usage(asked)).toEqual([[2, 2], [0]]);
      await pass(WINDOW_MS);
      expect(await store.usage(asked)).toEqual([[2, 0], [0]]);
    });

    it('keeps keys apart that look alike', async () => {
      for (const key of ['a', 'a:', 'A', 'ä', 'a b', '{a}', 'a\n'])
        expect(await passed([request(key, [1, 60_000])])).toBe(true);
    });

    if (another !== undefined) {
      it('counts the calls of all processes together', async () => {
        const elsewhere = await another();
        const limit = [request('a', [2, 60_000])];
        expect((await elsewhere.take(limit)).allowed).toBe(true);
        expect(await passed(limit)).toBe(true);
        expect((await elsewhere.take(limit)).allowed).toBe(false);
        expect(await passed(limit)).toBe(false);
      });
    }
  });
}
