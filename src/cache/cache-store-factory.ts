import type { KeyvStoreAdapter } from 'keyv';

/** What a shared store is opened with. */
export interface CacheStoreSettings {
  /** May carry a password. */
  readonly url: string;
  /** What its keys begin with. */
  readonly keyPrefix: string;
  /** After how many milliseconds nobody waits for an answer any more. */
  readonly timeoutMs: number;
}

/**
 * Opens the store that processes share: an adapter for Keyv.
 *
 * The store need not be there when it is opened, and is used when it comes. While it is away its methods reject, and
 * soon; they never wait for it to come back.
 */
export abstract class CacheStoreFactory {
  abstract open(settings: CacheStoreSettings): Promise<KeyvStoreAdapter>;
}
