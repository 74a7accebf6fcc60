/** Additions after which a map is made anew at the soonest. */
const LEAST_ADDITIONS = 32;

/**
 * A `Map` for what is under way: entries come and go, and what has gone is held by nothing.
 *
 * A `Map` would hold it where its table has grown old, as {@link LinkedList} says: so this one takes another `Map` in
 * its place before that matters, every twice as many additions as it has entries.
 */
export class InFlightMap<K, V> {
  #map = new Map<K, V>();
  /** Additions until the next one. */
  #left = LEAST_ADDITIONS;

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (this.#left-- === 0) this.#renew();
    this.#map.set(key, value);
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  /** Those that are here now; entries may be removed meanwhile. */
  entries(): IterableIterator<[K, V]> {
    return this.#map.entries();
  }

  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  values(): IterableIterator<V> {
    return this.#map.values();
  }

  #renew(): void {
    this.#map = new Map(this.#map);
    this.#left = Math.max(LEAST_ADDITIONS, 2 * this.#map.size);
  }
}
