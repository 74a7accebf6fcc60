import { beforeEach, describe, expect, it } from 'vitest';
import { InMemoryTokenStore } from './in-memory-token-store.js';
import { describeTokenStore } from './token-store.contract.js';
import type { SealedRecord } from './token-store.js';

const record = (expiresAt: number): SealedRecord => ({ sealed: Uint8Array.of(1, 2, 3), version: 'v', expiresAt });

describe('InMemoryTokenStore', () => {
  describeTokenStore({ describe, it, beforeEach, expect }, () => new InMemoryTokenStore());

  it('forgets what was written longest ago rather than grow', async () => {
    const store = new InMemoryTokenStore(2, () => 0);
    for (const key of ['a', 'b', 'c']) await store.put(key, record(10));
    expect(store.size).toBe(2);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.get('c')).toBeDefined();
  });

  it('makes room from what has expired before it forgets anything else', async () => {
    let now = 0;
    const store = new InMemoryTokenStore(2, () => now);
    await store.put('long', record(100));
    await store.put('short', record(10));
    now = 50;
    await store.put('new', record(100));
    expect(await store.get('long')).toBeDefined();
    expect(await store.get('new')).toBeDefined();
  });

  it('keeps bytes of its own: who put them may reuse the buffer', async () => {
    const store = new InMemoryTokenStore(1, () => 0);
    const sealed = Uint8Array.of(1);
    await store.put('a', { sealed, version: 'v', expiresAt: 1 });
    sealed[0] = 9;
    expect((await store.get('a'))?.sealed).toEqual(Uint8Array.of(1));
  });
});
