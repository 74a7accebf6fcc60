import { CredentialsUnavailableError } from '../door/refusal-reason.js';
import { digestOfKey } from './api-key.js';
import type { ApiKeyStore } from './api-key-store.js';
import type { ConfiguredKeyIndex } from './configured-keys.js';
import { judgeKey, type KeyJudgement } from './judge-key.js';

/** What comes of a key, and whether the store had it. */
export type LookedUpKey = KeyJudgement & { readonly stored: boolean };

/** Decides about API keys: those of the configuration, then those of the store. */
export class ApiKeyLookup {
  constructor(
    private readonly configured: ConfiguredKeyIndex,
    private readonly store: ApiKeyStore | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Without a store, or for a configured key, at once.
   *
   * @throws CredentialsUnavailableError when the store cannot be asked
   */
  judge(key: string): LookedUpKey | Promise<LookedUpKey> {
    const digest = digestOfKey(key);
    const found = this.configured.find(digest);
    if (found !== undefined || this.store === undefined) {
      return { ...judgeKey(digest, found, this.now()), stored: false };
    }
    return this.#inStore(digest, this.store);
  }

  async #inStore(digest: string, store: ApiKeyStore): Promise<LookedUpKey> {
    const found = await store.find(digest).catch((error: unknown) => {
      throw new CredentialsUnavailableError('the API key store', { cause: error });
    });
    return { ...judgeKey(digest, found, this.now()), stored: true };
  }
}
