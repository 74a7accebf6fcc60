/** What the marks of a result stood at when its making began; a result whose marks have moved since is over. */
export type Stamp = string | number;

/** A result that was kept. */
export interface Found {
  readonly found: true;
  /** Frozen. */
  readonly value: unknown;
}

/** No result. */
export interface Missed {
  readonly found: false;
  /** To be given to {@link ResultStore.write}; without it nothing can be kept now. */
  readonly stamp: Stamp | undefined;
  /** Whether the store did not answer. */
  readonly failed: boolean;
}

/** What a look into the store has come to. */
export type Lookup = Found | Missed;

/** Keeps results, and forgets them by mark. */
export abstract class ResultStore {
  /** Whether it answered when last asked. */
  abstract readonly available: boolean;
  /** A result that can be had at once, without waiting. @returns `undefined` where there is none, or one must ask */
  peek(_key: string, _marks: readonly string[]): Found | undefined {
    return undefined;
  }

  /**
   * What {@link peek}, which was asked in the same turn, has not found: at once, without a promise, where nobody else knows
   * more. Never rejects: a store that does not answer has no result.
   */
  abstract read(key: string, marks: readonly string[]): Lookup | Promise<Lookup>;
  /**
   * Keeps a result, unless its marks have moved since {@link Missed.stamp} was given. Never rejects; without a promise it
   * is kept when this returns.
   *
   * @param value - frozen JSON, or `undefined`
   */
  abstract write(
    key: string,
    value: unknown,
    ttlMs: number,
    marks: readonly string[],
    stamp: Stamp,
  ): Promise<void> | undefined;
  /**
   * From when it resolves, no result under any of the marks is found, whichever process made it, or is still making it.
   * Rejects when the store does not answer: then results may still be found.
   */
  abstract invalidate(marks: readonly string[]): Promise<void>;
}
