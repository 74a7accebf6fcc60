/** What {@link MemoryCacheStore} takes. */
export interface MemoryCacheStoreOptions {
  /** Entries; one that was not used lately goes first. */
  readonly maxSize: number;
  /** Milliseconds of the epoch, as Keyv reckons. @default Date.now */
  readonly now?: () => number;
}

interface Kept {
  readonly value: unknown;
  /** Infinity for what has no end. */
  readonly until: number;
  /** Whether it was found since it was last passed over by eviction. */
  used: boolean;
}

/**
 * A bounded store for Keyv, in this process: what is over is not found and swept, what was not used lately is evicted.
 *
 * Eviction goes round by age and passes once over what was used (CLOCK): as good as the exact order of use, and to find
 * an entry costs no more than a look, where moving it to the end would cost microseconds.
 */
export class MemoryCacheStore {
  /** As Keyv and its adapters know each other. */
  readonly opts: { readonly dialect: 'memory'; readonly url: '' } = { dialect: 'memory', url: '' };
  namespace: string | undefined;
  readonly #entries = new Map<string, Kept>();
  readonly #maxSize: number;
  readonly #now: () => number;
  #evicted = 0;

  constructor({ maxSize, now = () => Date.now() }: MemoryCacheStoreOptions) {
    this.#maxSize = maxSize;
    this.#now = now;
  }

  /** Entries, those included that are over and not swept yet. */
  get size(): number {
    return this.#entries.size;
  }

  /** Entries that had to go before their time. */
  get evicted(): number {
    return this.#evicted;
  }

  get(key: string): unknown {
    const kept = this.#entries.get(key);
    if (kept === undefined) return undefined;
    if (this.#now() >= kept.until) {
      this.#entries.delete(key);
      return undefined;
    }
    kept.used = true;
    return kept.value;
  }

  /** @param ttl - milliseconds; without it an entry stays until it is evicted */
  set(key: string, value: unknown, ttl?: number): boolean {
    const kept = { value, until: ttl === undefined ? Infinity : this.#now() + ttl, used: false };
    const before = this.#entries.size;
    this.#entries.set(key, kept);
    // What is written anew keeps its place in the round, as one that was used.
    if (this.#entries.size === before) kept.used = true;
    else if (before >= this.#maxSize) this.#evict();
    return true;
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Removes what is over; how many. */
  sweep(): number {
    const now = this.#now();
    return this.deleteWhere((_key, _value, until) => now >= until);
  }

  /** Removes what a condition holds of; how many. */
  deleteWhere(holds: (key: string, value: unknown, until: number) => boolean): number {
    const before = this.#entries.size;
    for (const [key, { value, until }] of this.#entries) if (holds(key, value, until)) this.#entries.delete(key);
    return before - this.#entries.size;
  }

  #evict(): void {
    for (const [key, kept] of this.#entries) {
      this.#entries.delete(key);
      if (!kept.used) {
        this.#evicted++;
        return;
      }
      // It comes up again at the end of this very round, should all have been used.
      kept.used = false;
      this.#entries.set(key, kept);
    }
  }
}
