/** What {@link MemoryCacheStore} takes. */
export interface MemoryCacheStoreOptions {
  /** Entries; one that was not used lately goes first. */
  readonly maxSize: number;
  /** Milliseconds of the epoch, as Keyv reckons. @default Date.now */
  readonly now?: () => number;
}

interface Kept {
  readonly key: string;
  value: unknown;
  /** Infinity for what has no end. */
  until: number;
  /** Whether it was found, or written anew, since it was last passed over by eviction. */
  used: boolean;
  /** Its place in the round. */
  readonly slot: number;
}

/**
 * A bounded store for Keyv, in this process: what is over is not found and swept, what was not used lately is evicted.
 *
 * Eviction goes round by age and passes once over what was used (CLOCK): as good as the exact order of use, and to find
 * an entry costs no more than a look, where moving it to the end would cost microseconds. The round is a list of its own:
 * to find the first entry of a `Map` one passes over all that were deleted before it.
 */
export class MemoryCacheStore {
  /** As Keyv and its adapters know each other. */
  readonly opts: { readonly dialect: 'memory'; readonly url: '' } = { dialect: 'memory', url: '' };
  namespace: string | undefined;
  readonly #entries = new Map<string, Kept>();
  /** What is where in the round; as long as there were ever entries at once. */
  readonly #round: (Kept | undefined)[] = [];
  /** Places in the round that became free. */
  readonly #free: number[] = [];
  /** The place where eviction goes on. */
  #hand = 0;
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
      this.#remove(kept);
      return undefined;
    }
    kept.used = true;
    return kept.value;
  }

  /** @param ttl - milliseconds; without it an entry stays until it is evicted */
  set(key: string, value: unknown, ttl?: number): boolean {
    const until = ttl === undefined ? Infinity : this.#now() + ttl;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.value = value;
      known.until = until;
      known.used = true;
      return true;
    }
    const freed = this.#entries.size < this.#maxSize ? this.#free.pop() : undefined;
    const slot = freed ?? (this.#entries.size < this.#maxSize ? this.#round.length : this.#evict());
    // In a place that became free it may be next in the round: it is passed over once, as what is new is not to go first.
    const kept = { key, value, until, used: freed !== undefined, slot };
    this.#round[slot] = kept;
    this.#entries.set(key, kept);
    return true;
  }

  delete(key: string): boolean {
    const kept = this.#entries.get(key);
    if (kept !== undefined) this.#remove(kept);
    return kept !== undefined;
  }

  clear(): void {
    this.#entries.clear();
    this.#round.length = this.#free.length = this.#hand = 0;
  }

  /** Removes what is over; how many. */
  sweep(): number {
    const now = this.#now();
    return this.deleteWhere((_key, _value, until) => now >= until);
  }

  /** Removes what a condition holds of; how many. */
  deleteWhere(holds: (key: string, value: unknown, until: number) => boolean): number {
    const before = this.#entries.size;
    for (const kept of this.#entries.values()) {
      if (holds(kept.key, kept.value, kept.until)) this.#remove(kept);
    }
    return before - this.#entries.size;
  }

  #remove({ key, slot }: Kept): void {
    this.#entries.delete(key);
    this.#round[slot] = undefined;
    this.#free.push(slot);
  }

  /** Makes room for one entry, in a round without free places; which place it is. */
  #evict(): number {
    for (;;) {
      const slot = this.#hand;
      const kept = this.#round[slot] as Kept;
      this.#hand = (slot + 1) % this.#round.length;
      if (!kept.used) {
        this.#entries.delete(kept.key);
        this.#evicted++;
        return slot;
      }
      kept.used = false;
    }
  }
}
