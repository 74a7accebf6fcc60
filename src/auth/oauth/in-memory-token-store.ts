import { TokenStore, type SealedRecord } from './token-store.js';

/**
 * Keeps records in this process, bounded: beyond `maxEntries` the one that was written longest ago goes, and whoever it
 * belonged to consents again.
 */
export class InMemoryTokenStore extends TokenStore {
  /** In the order of the latest write. */
  readonly #records = new Map<string, SealedRecord>();

  constructor(
    private readonly maxEntries = 10_000,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override get(key: string): Promise<SealedRecord | undefined> {
    return Promise.resolve(this.#live(key));
  }

  override put(key: string, record: SealedRecord, expectedVersion?: string): Promise<boolean> {
    if (this.#live(key)?.version !== expectedVersion) return Promise.resolve(false);
    this.#records.delete(key);
    this.#makeRoom();
    this.#records.set(key, { ...record, sealed: Uint8Array.from(record.sealed) });
    return Promise.resolve(true);
  }

  override delete(key: string, expectedVersion?: string): Promise<boolean> {
    const record = this.#live(key);
    if (record === undefined) return Promise.resolve(false);
    if (expectedVersion !== undefined && record.version !== expectedVersion) return Promise.resolve(false);
    return Promise.resolve(this.#records.delete(key));
  }

  /** How many records are held right now, expired ones that nobody asked for included. */
  get size(): number {
    return this.#records.size;
  }

  #live(key: string): SealedRecord | undefined {
    const record = this.#records.get(key);
    if (record === undefined || record.expiresAt > this.now()) return record;
    this.#records.delete(key);
    return undefined;
  }

  #makeRoom(): void {
    if (this.#records.size < this.maxEntries) return;
    const now = this.now();
    for (const [key, { expiresAt }] of this.#records) if (expiresAt <= now) this.#records.delete(key);
    for (const key of this.#records.keys()) {
      if (this.#records.size < this.maxEntries) return;
      this.#records.delete(key);
    }
  }
}
