/** What a self-test found. */
export interface SelfTestResult {
  /** `unavailable`: what it needs is not on this machine, and nothing uses it then. */
  readonly outcome: 'passed' | 'unavailable' | 'failed';
  /** One sentence on what was tried and what came of it; nothing secret. */
  readonly message: string;
  /** What to do about it; for whatever did not pass. */
  readonly remedy?: string | undefined;
}

/** Something of this server that shows by trying whether it does what it promises, as a sandbox that must not leak. */
export interface SelfTest {
  /** Unique in a server: `bwrap-python`. */
  readonly name: string;
  /** Milliseconds after which it counts as failed. @default 10_000 */
  readonly timeoutMs?: number | undefined;
  /**
   * Tries it, and leaves nothing behind. What it throws counts as failed.
   *
   * @param signal - aborts when the time is up
   */
  run(signal: AbortSignal): Promise<SelfTestResult>;
}

/** The self-tests of a server: filled by those who have something to try, run by `rookery doctor` and at start. */
export class SelfTests {
  readonly #tests = new Map<string, SelfTest>();

  /**
   * Adds a self-test; the returned function removes it.
   *
   * @throws Error when there is one of that name
   */
  add(test: SelfTest): () => void {
    const { name } = test;
    if (this.#tests.has(name)) throw new Error(`There are two self-tests named "${name}": give one another name.`);
    this.#tests.set(name, test);
    return () => {
      if (this.#tests.get(name) === test) this.#tests.delete(name);
    };
  }

  /** Every self-test, in the order in which they came. */
  all(): readonly SelfTest[] {
    return [...this.#tests.values()];
  }
}
