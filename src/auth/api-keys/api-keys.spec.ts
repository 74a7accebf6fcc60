import { describe, expect, it } from 'vitest';
import { digestOfKey } from './api-key.js';
import { ApiKeys } from './api-keys.js';
import { InMemoryApiKeyStore } from './in-memory-api-key-store.js';

function setUp() {
  const store = new InMemoryApiKeyStore();
  const clock = { now: 1000 };
  return { store, clock, keys: new ApiKeys(store, () => clock.now) };
}

describe('ApiKeys', () => {
  it('[A1] keeps a digest of a new key, and shows the key once', async () => {
    const { store, keys } = setUp();
    const { id, key } = await keys.create({ id: 'ci', roles: ['analyst'], attributes: { team: 'ml' }, tenant: 'acme' });
    expect(id).toBe('ci');
    expect(await store.find(digestOfKey(key))).toMatchObject({
      id: 'ci',
      roles: ['analyst'],
      tenant: 'acme',
      createdAt: 1000,
    });
    expect(JSON.stringify(await store.list())).not.toContain(key);
  });

  it('lists keys without what identifies them', async () => {
    const { keys } = setUp();
    await keys.create({ id: 'ci', expiresAt: 2000 });
    await keys.rotate('ci');
    expect(await keys.list()).toEqual([
      { id: 'ci', permissions: [], roles: [], attributes: {}, createdAt: 1000, expiresAt: 2000 },
    ]);
  });

  it('rotates with a day for the old key, by default', async () => {
    const { store, keys } = setUp();
    const first = await keys.create({ id: 'ci' });
    const second = await keys.rotate('ci');
    expect(second.key).not.toBe(first.key);
    expect((await store.get('ci'))?.previous).toEqual({ digest: digestOfKey(first.key), expiresAt: 86_401_000 });
  });

  it('says what to do when it cannot', async () => {
    const { keys } = setUp();
    await keys.create({ id: 'ci' });
    await expect(keys.create({ id: 'ci' })).rejects.toThrow('There is a key with the id "ci" already: rotate it');
    await expect(keys.create({ id: 'not an id' })).rejects.toThrow('1 to 128 letters');
    await expect(keys.create({ id: 'old', expiresAt: 1000 })).rejects.toThrow('must lie ahead');
    await expect(keys.rotate('nobody')).rejects.toThrow('There is no key with the id "nobody": create it');
    await keys.revoke('ci');
    await expect(keys.rotate('ci')).rejects.toThrow('its id stays taken: create a key with another id');
    await expect(keys.revoke('ci')).rejects.toThrow('not revoked already');
  });
});
