/** Something that takes a while to find out: found out at most once in a while, and by one for all who ask meanwhile. */
export class Refreshed<T> {
  #known: { readonly value: T; readonly at: number } | undefined;
  #finding: Promise<T> | undefined;

  /**
   * @param holdsMs - for how long what was found holds, from when it was found; 0 finds it out anew each time
   * @param now - milliseconds, monotonic
   */
  constructor(
    private readonly find: () => Promise<T>,
    private readonly holdsMs: number,
    private readonly now: () => number,
  ) {}

  /** What was found a while ago, or what is found now. Rejects as `find` does, and is tried again by the next who asks. */
  async get(): Promise<T> {
    const known = this.#known;
    if (known !== undefined && this.now() - known.at < this.holdsMs) return known.value;
    return await this.refresh();
  }

  /** Finds it out now, with those who do so already. */
  async refresh(): Promise<T> {
    this.#finding ??= this.#find().finally(() => (this.#finding = undefined));
    return await this.#finding;
  }

  async #find(): Promise<T> {
    const value = await this.find();
    this.#known = { value, at: this.now() };
    return value;
  }
}
