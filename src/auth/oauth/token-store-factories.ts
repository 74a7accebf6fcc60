import type { TokenStore } from './token-store.js';

/** Where a client's tokens can be kept outside this process. */
export type SharedTokenStorage = 'redis' | 'database';

/** Opens a store when the first client asks for it. */
export type TokenStoreFactory = () => TokenStore | Promise<TokenStore>;

/**
 * How to open the token stores that need a client which this folder does not know, by the name that `tokenStorage` has.
 *
 * Provided globally by whoever has the client: `{ database: …, redis: … }` by the adapters.
 */
export class TokenStoreFactories {
  constructor(private readonly factories: Readonly<Partial<Record<SharedTokenStorage, TokenStoreFactory>>>) {}

  get(storage: SharedTokenStorage): TokenStoreFactory | undefined {
    return this.factories[storage];
  }
}
