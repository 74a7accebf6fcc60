/** One sealed record: what a store sees of tokens. */
export interface SealedRecord {
  /** Encrypted and authenticated by whoever wrote it; at most 64 KiB. */
  readonly sealed: Uint8Array;
  /** Tells this write from every other one, before and after: 1 to 64 characters of `A–Z a–z 0–9 _ -`, chosen by the writer. */
  readonly version: string;
  /** When the store forgets the record, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Where tokens are kept, sealed: a store sees bytes, never a token, and keys that say nothing about people.
 *
 * Keys are up to 160 characters of `A–Z a–z 0–9 _ . : -`, told apart by case. A record whose `expiresAt` has passed is
 * as good as none, whether or not it has been swept. Changes of one key are atomic across processes: that is what makes
 * one of many refresh a token, and a `state` work once. Methods reject with whatever the back end throws when it cannot
 * be reached, within a bounded time.
 */
export abstract class TokenStore {
  /** The record under this key. */
  abstract get(key: string): Promise<SealedRecord | undefined>;
  /**
   * Keeps a record in place of the one that has `expectedVersion`; without, only where there is none.
   *
   * `false`, and no change, when the key holds another version by now, or none although one was expected.
   */
  abstract put(key: string, record: SealedRecord, expectedVersion?: string): Promise<boolean>;
  /** Forgets the record if it has this version; without, whatever it has. Whether there was one to forget. */
  abstract delete(key: string, expectedVersion?: string): Promise<boolean>;
}
