import type { ContractRunner } from '../../core/index.js';
import type { SealedRecord, TokenStore } from './token-store.js';

const LATER = 4_102_444_800_000;
const KEY = 'oauth.token:crm:Zm9v_YmFy-';

/** Every byte there is: a store must not take them for text. */
const BYTES = Uint8Array.from({ length: 512 }, (_, index) => index % 256);

const record = (version: string, sealed: Uint8Array = BYTES, expiresAt = LATER): SealedRecord => ({
  sealed,
  version,
  expiresAt,
});

/**
 * What every {@link TokenStore} must do. `makeStore` gives an empty store for each test; `another`, where a back end is
 * shared, a second store on the same data, as another process has it.
 */
export function describeTokenStore(
  { describe, it, expect, beforeEach }: ContractRunner,
  makeStore: () => TokenStore | Promise<TokenStore>,
  another?: () => TokenStore | Promise<TokenStore>,
): void {
  describe('TokenStore contract', () => {
    let store: TokenStore;

    beforeEach(async () => {
      store = await makeStore();
    });

    it('gives back every byte, the version and the time as they were put', async () => {
      expect(await store.put(KEY, record('v1'))).toBe(true);
      const found = await store.get(KEY);
      expect(Array.from(found?.sealed ?? [])).toEqual(Array.from(BYTES));
      expect([found?.version, found?.expiresAt]).toEqual(['v1', LATER]);
    });

    it('keeps a record of 64 KiB', async () => {
      await store.put(KEY, record('v1', new Uint8Array(65_536).fill(255)));
      expect((await store.get(KEY))?.sealed.length).toBe(65_536);
    });

    it('finds nothing under another key, told apart by case', async () => {
      await store.put(KEY, record('v1'));
      expect(await store.get(KEY.toUpperCase())).toBe(undefined);
      expect(await store.get(`${KEY}x`)).toBe(undefined);
      expect(await store.delete(`${KEY}x`)).toBe(false);
    });

    it('puts in place of the version that is expected, and of no other', async () => {
      await store.put(KEY, record('v1'));
      expect(await store.put(KEY, record('v2'), 'v0')).toBe(false);
      expect(await store.put(KEY, record('v2'), 'V1')).toBe(false);
      expect((await store.get(KEY))?.version).toBe('v1');
      expect(await store.put(KEY, record('v2', Uint8Array.of(1)), 'v1')).toBe(true);
      expect(await store.put(KEY, record('v3'), 'v1')).toBe(false);
      expect([(await store.get(KEY))?.version, (await store.get(KEY))?.sealed.length]).toEqual(['v2', 1]);
    });

    it('puts without a version only where there is none, and with one only where there is one', async () => {
      expect(await store.put(KEY, record('v1'), 'v0')).toBe(false);
      expect(await store.get(KEY)).toBe(undefined);
      expect(await store.put(KEY, record('v1'))).toBe(true);
      expect(await store.put(KEY, record('v2'))).toBe(false);
      expect((await store.get(KEY))?.version).toBe('v1');
    });

    it('deletes the version that is expected, or any when none is', async () => {
      await store.put(KEY, record('v1'));
      expect(await store.delete(KEY, 'v0')).toBe(false);
      expect(await store.delete(KEY, 'v1')).toBe(true);
      expect(await store.delete(KEY, 'v1')).toBe(false);
      await store.put(KEY, record('v2'));
      expect(await store.delete(KEY)).toBe(true);
      expect(await store.get(KEY)).toBe(undefined);
    });

    it('has forgotten what has expired: it is not found, not replaced, not deleted, and in nobody’s way', async () => {
      const expired = record('v1', BYTES, 1_000);
      await store.put(KEY, expired);
      expect(await store.get(KEY)).toBe(undefined);
      expect(await store.put(KEY, record('v2'), 'v1')).toBe(false);
      expect(await store.delete(KEY, 'v1')).toBe(false);
      expect(await store.put(KEY, record('v2'))).toBe(true);
      expect((await store.get(KEY))?.version).toBe('v2');
    });

    it('lets one of many who put at once win', async () => {
      const versions = Array.from({ length: 8 }, (_, index) => `first${index}`);
      const made = await Promise.all(versions.map((version) => store.put(KEY, record(version))));
      expect(made.filter(Boolean).length).toBe(1);
      const current = (await store.get(KEY))?.version;
      const replaced = await Promise.all(versions.map((_, index) => store.put(KEY, record(`next${index}`), current)));
      expect(replaced.filter(Boolean).length).toBe(1);
    });

    it('lets one of many who delete at once win', async () => {
      await store.put(KEY, record('v1'));
      const deleted = await Promise.all(Array.from({ length: 8 }, () => store.delete(KEY, 'v1')));
      expect(deleted.filter(Boolean).length).toBe(1);
    });

    if (another !== undefined) {
      it('shares records with other processes, and lets one process win', async () => {
        const other = await another();
        await store.put(KEY, record('v1'));
        expect((await other.get(KEY))?.version).toBe('v1');
        const won = await Promise.all([
          store.put(KEY, record('here'), 'v1'),
          other.put(KEY, record('there'), 'v1'),
          store.put(KEY, record('here2'), 'v1'),
          other.put(KEY, record('there2'), 'v1'),
        ]);
        expect(won.filter(Boolean).length).toBe(1);
        expect((await store.get(KEY))?.version).toBe((await other.get(KEY))?.version);
      });
    }
  });
}
