import { InMemoryTokenStore } from './in-memory-token-store.js';
import type { ClientStores } from './make-client.js';
import type { OAuthClientOptions } from './oauth.options.js';
import type { SharedTokenStorage, TokenStoreFactories } from './token-store-factories.js';
import type { TokenStore } from './token-store.js';

/**
 * The stores of every client: a pair of its own in memory, one for all that share a back end.
 *
 * @throws Error for a `tokenStorage` that nobody has a client for
 */
export async function openTokenStores(
  clients: Readonly<Record<string, Pick<OAuthClientOptions, 'tokenStorage'>>>,
  factories: TokenStoreFactories | undefined,
): Promise<ReadonlyMap<string, ClientStores>> {
  const shared = new Map<SharedTokenStorage, TokenStore>();
  const stores = new Map<string, ClientStores>();
  for (const [name, { tokenStorage }] of Object.entries(clients)) {
    if (tokenStorage === 'memory') {
      stores.set(name, { tokens: new InMemoryTokenStore(), consents: new InMemoryTokenStore() });
      continue;
    }
    const store = shared.get(tokenStorage) ?? (await open(name, tokenStorage, factories));
    shared.set(tokenStorage, store);
    stores.set(name, { tokens: store, consents: store });
  }
  return stores;
}

async function open(
  name: string,
  storage: SharedTokenStorage,
  factories: TokenStoreFactories | undefined,
): Promise<TokenStore> {
  const factory = factories?.get(storage);
  if (factory !== undefined) return factory();
  const missing = storage === 'redis' ? 'redis.url is not set' : 'store.url is not set';
  throw new Error(
    `auth.oauthClients.${name}.tokenStorage is ${storage}, but there is none: ${missing}, or, in a server put together ` +
      'by hand, no TokenStoreFactories is provided.',
  );
}
