import type { ContractRunner } from '../../core/index.js';
import type { SlotClaim, SlotGrant, SlotNews, SlotStore } from './slot-store.js';

/**
 * What every {@link SlotStore} must do. `makeStore` gives one store for each process of a test, all of them with the same
 * slots, and with none in use when a test begins; `pass` lets time go by, which a test of a real back end waits for;
 * `heard` resolves when everything that was told has arrived.
 */
export function describeSlotStore(
  { describe, it, expect, beforeEach }: ContractRunner,
  makeStore: () => SlotStore | Promise<SlotStore>,
  pass: (ms: number) => void | Promise<void>,
  heard: () => Promise<void>,
): void {
  const claimBy = async (store: SlotStore, held: number, wanted: number, other: Partial<SlotClaim> = {}) => {
    const [grant] = await store.claim([{ name: 'tool:a', part: 0, max: 4, held, wanted, ...other }]);
    return grant;
  };
  const newsOf = (store: SlotStore): SlotNews[] => {
    const news: SlotNews[] = [];
    store.listen((one) => void news.push(one));
    return news;
  };

  describe('SlotStore contract', () => {
    let one: SlotStore;
    let two: SlotStore;
    let three: SlotStore;

    beforeEach(async () => void ([one, two, three] = [await makeStore(), await makeStore(), await makeStore()]));

    it('grants what there is over all processes, and no more', async () => {
      expect([await claimBy(one, 0, 3), await claimBy(two, 0, 3)]).toEqual([
        { granted: 3, keep: 4 },
        { granted: 1, keep: 4 },
      ]);
      expect(await claimBy(three, 0, 1)).toEqual({ granted: 0, keep: 1 });
    });

    it('is exact among claims that come at once', async () => {
      const claims = Array.from({ length: 30 }, async (_, part) =>
        claimBy([one, two, three][part % 3] as SlotStore, 0, 1, { part, max: 7 }),
      );
      const granted = (await Promise.all(claims)).reduce((sum, grant) => sum + (grant?.granted ?? 0), 0);
      expect(granted).toEqual(7);
    });

    it('takes what a process says it has for all that it has', async () => {
      await claimBy(one, 0, 4);
      for (let again = 0; again < 3; again++) await claimBy(one, 4, 0);
      expect((await claimBy(two, 0, 1))?.granted).toEqual(0);
      await claimBy(one, 1, 0);
      expect((await claimBy(two, 0, 4))?.granted).toEqual(3);
    });

    it('counts what is claimed over the limit, and has nobody keep any until it is not', async () => {
      await claimBy(one, 3, 0);
      const news = newsOf(one);
      expect(await claimBy(two, 4, 1)).toEqual({ granted: 0, keep: 0 });
      expect(await claimBy(one, 2, 0)).toEqual({ granted: 0, keep: 0 });
      expect((await claimBy(three, 0, 1))?.granted).toEqual(0);
      await claimBy(two, 2, 0);
      await claimBy(three, 0, 0);
      expect(await claimBy(one, 2, 0)).toEqual({ granted: 0, keep: 4 });
      await heard();
      expect(news[0]).toEqual({ kind: 'wanted', name: 'tool:a', keep: 0 });
    });

    it('tells who has slots that others wait, and who waits that some are free', async () => {
      const [news, waiting] = [newsOf(one), newsOf(two)];
      await claimBy(one, 0, 4);
      await claimBy(two, 0, 2);
      await heard();
      expect([news, waiting]).toEqual([[{ kind: 'wanted', name: 'tool:a', keep: 2 }], []]);
      expect(await claimBy(one, 3, 0)).toEqual({ granted: 0, keep: 2 });
      await heard();
      expect(waiting).toEqual([{ kind: 'freed', name: 'tool:a' }]);
      expect(await claimBy(two, 0, 2)).toEqual({ granted: 1, keep: 4 });
      await claimBy(two, 1, 0);
      expect(await claimBy(one, 3, 0)).toEqual({ granted: 0, keep: 4 });
    });

    it('keeps a slot for each process that waits longer, and lets them take turns', async () => {
      await claimBy(one, 0, 4);
      await claimBy(two, 0, 3);
      await claimBy(three, 0, 3);
      const turns: (number | undefined)[] = [];
      const take = async (store: SlotStore, held: number): Promise<void> =>
        void turns.push((await claimBy(store, held, 3))?.granted);
      await claimBy(one, 3, 1);
      await take(three, 0);
      await take(two, 0);
      await claimBy(one, 2, 1);
      await take(two, 1);
      await take(three, 0);
      expect(turns).toEqual([0, 1, 0, 1]);
    });

    it('prefers who has fewer to who waits longer, and sends who got one to the end of the line', async () => {
      const granted = async (store: SlotStore, has: number): Promise<number | undefined> =>
        (await claimBy(store, has, 3))?.granted;
      await claimBy(one, 0, 3);
      await claimBy(two, 0, 1);
      await claimBy(two, 1, 1);
      await claimBy(three, 0, 1);
      await claimBy(one, 2, 0);
      expect([await granted(two, 1), await granted(three, 0)]).toEqual([0, 1]);
      // Both have one and wait, then none.
      await claimBy(one, 4, 0);
      expect([await granted(two, 0), await granted(three, 0)]).toEqual([0, 0]);
      await claimBy(one, 3, 0);
      expect([await granted(three, 0), await granted(two, 0)]).toEqual([0, 1]);
      expect([await granted(two, 0), await granted(three, 0)]).toEqual([0, 1]);
    });

    it('tells once of what is free, not whenever somebody asks who is not the first', async () => {
      await claimBy(one, 0, 4);
      await claimBy(two, 0, 1);
      await claimBy(three, 0, 1);
      const news = newsOf(two);
      await claimBy(one, 3, 0);
      for (let again = 0; again < 3; again++) await claimBy(three, 0, 1);
      await claimBy(one, 3, 0);
      await heard();
      expect(news.filter(({ kind }) => kind === 'freed').length).toEqual(1);
    });

    it('keeps nothing for who waits no longer, and tells the others', async () => {
      await claimBy(one, 0, 4);
      await claimBy(two, 0, 1);
      await claimBy(three, 0, 1);
      await claimBy(one, 3, 0);
      const news = newsOf(three);
      expect((await claimBy(three, 0, 1))?.granted).toEqual(0);
      await claimBy(two, 0, 0);
      await heard();
      expect(news.some(({ kind }) => kind === 'freed')).toEqual(true);
      expect((await claimBy(three, 0, 1))?.granted).toEqual(1);
    });

    it('forgets a process that is not heard of for a lease, and nobody who is', async () => {
      await claimBy(one, 0, 2);
      await claimBy(two, 0, 2);
      for (let third = 0; third < 4; third++) {
        await pass(one.leaseMs / 3);
        await claimBy(one, 2, 0);
      }
      expect((await claimBy(three, 0, 4))?.granted).toEqual(2);
    });

    it('keeps limits apart, those of one name in one process too, and decides many in one claim', async () => {
      const names = [
        'tool:a',
        'tool:A',
        'tool:ä',
        'tool:a b',
        'tool:{a}',
        'tool:a%20b',
        'resource:a',
        '\ud800',
        '\udfff',
      ];
      const claims = names.map((name): SlotClaim => ({ name, part: 0, max: 1, held: 0, wanted: 1 }));
      const granted = (grants: readonly SlotGrant[]): number => grants.filter((grant) => grant.granted === 1).length;
      expect(granted(await one.claim(claims))).toEqual(names.length);
      expect(granted(await two.claim(claims))).toEqual(0);
      await two.claim(claims.map((claim) => ({ ...claim, wanted: 0 })));
      expect(await claimBy(one, 0, 2, { part: 1, max: 2 })).toEqual({ granted: 1, keep: 2 });
      expect(await claimBy(one, 1, 0, { part: 0, max: 2 })).toEqual({ granted: 0, keep: 1 });
    });

    it('says that it is there when nothing is claimed', async () => {
      expect(await one.claim([])).toEqual([]);
    });
  });
}
