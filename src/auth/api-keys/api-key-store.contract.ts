import type { ContractRunner } from '../../core/index.js';
import type { ApiKeyStore, StoredApiKey } from './api-key-store.js';

const digest = (character: string) => character.repeat(64);

const KEY: StoredApiKey = {
  id: 'reports',
  digest: digest('a'),
  permissions: ['read', 'datasets:update'],
  roles: ['analyst'],
  attributes: { department: 'ml_ops', clearanceLevel: 3, nested: { list: [1, 'zwei', null, true] } },
  tenant: 'acme',
  createdAt: 1_700_000_000_000,
  expiresAt: 1_800_000_000_000,
};

const PLAIN: StoredApiKey = {
  id: 'plain',
  digest: digest('b'),
  permissions: [],
  roles: [],
  attributes: {},
  createdAt: 1_700_000_000_001,
};

/**
 * What every {@link ApiKeyStore} must do. `makeStore` gives an empty store for each test; `another`, where a back end
 * is shared, a second store on the same data, as another process has it.
 */
export function describeApiKeyStore(
  { describe, it, expect, beforeEach }: ContractRunner,
  makeStore: () => ApiKeyStore | Promise<ApiKeyStore>,
  another?: () => ApiKeyStore | Promise<ApiKeyStore>,
): void {
  describe('ApiKeyStore contract', () => {
    let store: ApiKeyStore;

    beforeEach(async () => {
      store = await makeStore();
    });

    it('gives back an entry as it was added, by digest and by id', async () => {
      expect(await store.add(KEY)).toBe(true);
      expect(await store.add(PLAIN)).toBe(true);
      expect(defined(await store.find(KEY.digest))).toEqual(KEY);
      expect(defined(await store.get('reports'))).toEqual(KEY);
      expect(defined(await store.find(PLAIN.digest))).toEqual(PLAIN);
    });

    it('finds nothing under what it does not have', async () => {
      await store.add(KEY);
      expect(await store.find(digest('c'))).toBeUndefined();
      expect(await store.find('')).toBeUndefined();
      expect(await store.find(KEY.digest.toUpperCase())).toBeUndefined();
      expect(await store.get('Reports')).toBeUndefined();
      expect(await store.get("' OR '1'='1")).toBeUndefined();
    });

    it('lists every entry by id, revoked ones too', async () => {
      await store.add(KEY);
      await store.add(PLAIN);
      await store.add({ ...PLAIN, id: 'Zebra', digest: digest('d') });
      await store.revoke('plain', 5);
      expect((await store.list()).map(({ id, revokedAt }) => [id, revokedAt])).toEqual([
        ['Zebra', undefined],
        ['plain', 5],
        ['reports', undefined],
      ]);
    });

    it('refuses an id and a digest that are taken, and changes nothing', async () => {
      await store.add(KEY);
      expect(await store.add({ ...PLAIN, id: KEY.id })).toBe(false);
      expect(await store.add({ ...PLAIN, digest: KEY.digest })).toBe(false);
      expect((await store.list()).map(defined)).toEqual([KEY]);
    });

    it('keeps a revoked entry to be found, with the time when it was first revoked', async () => {
      await store.add(KEY);
      expect(await store.revoke('reports', 1_750_000_000_000)).toBe(true);
      expect(await store.revoke('reports', 1_750_000_000_009)).toBe(false);
      expect(await store.revoke('nobody', 1)).toBe(false);
      expect(defined(await store.find(KEY.digest))).toEqual({ ...KEY, revokedAt: 1_750_000_000_000 });
    });

    it('finds both keys of an entry during a rotation', async () => {
      await store.add(KEY);
      expect(await store.rotate('reports', { digest: digest('e'), previousUntil: 1_750_000_000_000 })).toBe(true);
      const rotated = { ...KEY, digest: digest('e'), previous: { digest: KEY.digest, expiresAt: 1_750_000_000_000 } };
      expect(defined(await store.find(digest('e')))).toEqual(rotated);
      expect(defined(await store.find(KEY.digest))).toEqual(rotated);
    });

    it('keeps one previous key: a second rotation ends the first one', async () => {
      await store.add(KEY);
      await store.rotate('reports', { digest: digest('e'), previousUntil: 1 });
      await store.rotate('reports', { digest: digest('f'), previousUntil: 2, expiresAt: 1_900_000_000_000 });
      expect(await store.find(KEY.digest)).toBeUndefined();
      expect(defined(await store.find(digest('e')))).toEqual({
        ...KEY,
        digest: digest('f'),
        previous: { digest: digest('e'), expiresAt: 2 },
        expiresAt: 1_900_000_000_000,
      });
    });

    it('does not rotate what is unknown, revoked, or to a digest that is taken', async () => {
      await store.add(KEY);
      await store.add(PLAIN);
      await store.rotate('plain', { digest: digest('c'), previousUntil: 1 });
      expect(await store.rotate('nobody', { digest: digest('e'), previousUntil: 1 })).toBe(false);
      expect(await store.rotate('reports', { digest: digest('c'), previousUntil: 1 })).toBe(false);
      expect(await store.rotate('reports', { digest: PLAIN.digest, previousUntil: 1 })).toBe(false);
      expect(await store.add({ ...PLAIN, id: 'third' })).toBe(false);
      await store.revoke('reports', 5);
      expect(await store.rotate('reports', { digest: digest('e'), previousUntil: 1 })).toBe(false);
      expect(await store.find(digest('e'))).toBeUndefined();
    });

    it('has another revision after every change, and the same without one', async () => {
      const revisions = [await store.revision()];
      const after = async (change: Promise<boolean>) => {
        await change;
        revisions.push(await store.revision());
      };
      await after(store.add(KEY));
      await after(store.rotate('reports', { digest: digest('e'), previousUntil: 1 }));
      await after(store.revoke('reports', 5));
      expect(new Set(revisions).size).toBe(4);
      await store.revoke('reports', 6);
      await store.find(KEY.digest);
      expect(await store.revision()).toBe(revisions.at(-1));
    });

    it('lets one of several adds of the same id at once succeed', async () => {
      const added = await Promise.all(
        ['1', '2', '3', '4'].map((character) => store.add({ ...PLAIN, digest: digest(character) })),
      );
      expect(added.filter(Boolean)).toEqual([true]);
      expect((await store.list()).length).toBe(1);
    });

    if (another !== undefined) {
      it('shows a change to other processes, and its revision', async () => {
        await store.add(KEY);
        const other = await another();
        const before = await other.revision();
        expect(defined(await other.find(KEY.digest))).toEqual(KEY);
        await store.revoke('reports', 5);
        expect(await other.revision()).not.toBe(before);
        expect((await other.find(KEY.digest))?.revokedAt).toBe(5);
      });
    }
  });
}

/** An entry without the keys that have no value: a store may leave them out or not. */
function defined(entry: StoredApiKey | undefined): unknown {
  return (
    entry && Object.fromEntries(Object.entries(entry).filter(([, value]: [string, unknown]) => value !== undefined))
  );
}
