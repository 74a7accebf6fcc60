import type { MemoryCacheStore } from './memory-cache-store.js';
import { ResultStore, type Found, type Lookup, type Stamp } from './result-store.js';

/** A result as the memory of this process has it: the value itself, as nobody can change it. */
class LocalResult {
  readonly found = true;

  constructor(
    readonly value: unknown,
    readonly marks: readonly string[],
    readonly stamp: number,
  ) {}
}

/**
 * Results in the memory of this process. They lie in the store below Keyv and pass by Keyv itself, whose promises would
 * cost a hit more than everything else.
 */
export class LocalResults extends ResultStore {
  override readonly available = true;
  /** Mark → how often it was invalidated; grows with the marks that were, not with those that there are. */
  readonly #versions = new Map<string, number>();

  constructor(private readonly store: MemoryCacheStore) {
    super();
  }

  override peek(key: string, marks: readonly string[]): Found | undefined {
    const result = this.store.get(key);
    return result instanceof LocalResult && result.stamp === this.#stampOf(marks) ? result : undefined;
  }

  override read(_key: string, marks: readonly string[]): Lookup {
    return { found: false, stamp: this.#stampOf(marks), failed: false };
  }

  override write(key: string, value: unknown, ttlMs: number, marks: readonly string[], stamp: Stamp): undefined {
    if (stamp === this.#stampOf(marks)) this.store.set(key, new LocalResult(value, marks, stamp), ttlMs);
  }

  override invalidate(marks: readonly string[]): Promise<void> {
    for (const mark of marks) this.#versions.set(mark, (this.#versions.get(mark) ?? 0) + 1);
    this.store.deleteWhere(
      (_key, kept) => kept instanceof LocalResult && kept.marks.some((mark) => marks.includes(mark)),
    );
    return Promise.resolve();
  }

  /** Versions only grow, so their sum tells whether any has. */
  #stampOf(marks: readonly string[]): number {
    if (this.#versions.size === 0) return 0;
    let sum = 0;
    for (const mark of marks) sum += this.#versions.get(mark) ?? 0;
    return sum;
  }
}
