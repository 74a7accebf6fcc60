/** Marks that can be set once: what keeps something that was finished from being finished again. */
export abstract class SingleUseMarks {
  /** Whether the mark was free, and is set from now on, for `ttlMs` at the most. */
  abstract claim(mark: string, ttlMs: number): Promise<boolean>;
  /** Frees a mark that was claimed for something that did not come to its end. */
  abstract release(mark: string): Promise<void>;
}

/** How many marks are kept at the most; the oldest go first, long after they could matter. */
const MAX_MARKS = 100_000;

/** Keeps marks in this process. */
export class InMemorySingleUseMarks extends SingleUseMarks {
  readonly #expiries = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {
    super();
  }

  override claim(mark: string, ttlMs: number): Promise<boolean> {
    const now = this.now();
    const expiry = this.#expiries.get(mark);
    if (expiry !== undefined && expiry > now) return Promise.resolve(false);
    this.#expiries.delete(mark);
    this.#trim(now);
    this.#expiries.set(mark, now + ttlMs);
    return Promise.resolve(true);
  }

  override release(mark: string): Promise<void> {
    this.#expiries.delete(mark);
    return Promise.resolve();
  }

  /** Marks stand in the order in which they were set, so the expired ones are in front. */
  #trim(now: number): void {
    for (const [mark, expiry] of this.#expiries) {
      if (expiry > now && this.#expiries.size < MAX_MARKS) return;
      this.#expiries.delete(mark);
    }
  }
}
