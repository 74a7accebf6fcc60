import type { LimitRule } from './limit-store.js';

/** Times of a window that has hardly been used. */
const FIRST_CAPACITY = 8;

/**
 * The times of the last calls of one key, in a ring that grows to the largest limit it is asked about and no further.
 *
 * Exact, as every time that may still matter is kept: 8 bytes a call. Times come from one clock that never goes back.
 */
export class SlidingWindow {
  #times: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Where the next time goes; at the same place stands the oldest one once the ring is full. */
  #next = 0;
  #size = 0;

  /** Milliseconds until the rule has room for one more call; 0 when it has. */
  waitFor({ limit, windowMs }: LimitRule, now: number): number {
    if (this.#size < limit) return 0;
    const wait = this.#latest(limit) + windowMs - now;
    return wait > 0 ? wait : 0;
  }

  /**
   * Counts a call.
   *
   * @param limit - the largest limit of any rule that looks at this window
   * @param windowMs - the longest window of any such rule
   */
  take(now: number, limit: number, windowMs: number): void {
    if (this.#size === this.#times.length && this.#times.length < limit && this.#latest(this.#size) + windowMs > now) {
      this.#grow(Math.min(limit, this.#size * 2));
    }
    this.#times[this.#next] = now;
    this.#next = this.#next + 1 === this.#times.length ? 0 : this.#next + 1;
    if (this.#size < this.#times.length) this.#size++;
  }

  /** Calls that are younger than `windowMs`. */
  count(windowMs: number, now: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#latest(middle) + windowMs > now) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Begins with the calls of another window. */
  adopt(other: SlidingWindow): void {
    this.#times = other.#times.slice();
    this.#next = other.#next;
    this.#size = other.#size;
  }

  /** The time of the `nth` last call; 1 is the last one. */
  #latest(nth: number): number {
    const index = this.#next - nth;
    return this.#times[index < 0 ? index + this.#times.length : index] as number;
  }

  #grow(capacity: number): void {
    const times = new Float64Array(capacity);
    times.set(this.#times.subarray(this.#next));
    times.set(this.#times.subarray(0, this.#next), this.#times.length - this.#next);
    this.#next = this.#size;
    this.#times = times;
  }
}
