/** Leaves something alone for a while after it failed, then tries it once before all go there again. */
export class Cooldown {
  #until = 0;
  #resting = false;

  /** @param now - milliseconds, monotonic */
  constructor(
    private readonly restMs: number,
    private readonly now: () => number,
  ) {}

  /** Whether it has failed and nobody has found it well since. */
  get resting(): boolean {
    return this.#resting;
  }

  /** Whether to try. While it rests, one try is let through each time the rest is over. */
  enter(): boolean {
    if (!this.#resting) return true;
    const now = this.now();
    if (now < this.#until) return false;
    this.#until = now + this.restMs;
    return true;
  }

  /** Whether this is the first failure since it was well. */
  failed(): boolean {
    const first = !this.#resting;
    this.#resting = true;
    this.#until = this.now() + this.restMs;
    return first;
  }

  /** Whether it was resting until now. */
  succeeded(): boolean {
    const recovered = this.#resting;
    this.#resting = false;
    return recovered;
  }
}
