/** Something that is told when its time is over. */
export interface Expiring {
  expire(): void;
}

/** The same time for everybody, on one timer for all of them: whoever begins later ends later. It keeps no process alive. */
export class AttemptDeadlines {
  /** What is under way, and until when; the oldest first. */
  readonly #waiting = new Map<Expiring, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param now - milliseconds, never going back */
  constructor(
    private readonly timeMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  begin(attempt: Expiring): void {
    this.#waiting.set(attempt, this.now() + this.timeMs);
    if (this.#timer === undefined) this.#wind(this.timeMs);
  }

  end(attempt: Expiring): void {
    this.#waiting.delete(attempt);
  }

  #wind(delayMs: number): void {
    this.#timer = setTimeout(() => this.#expire(), delayMs).unref();
  }

  #expire(): void {
    this.#timer = undefined;
    for (const [attempt, until] of this.#waiting) {
      const left = until - this.now();
      if (left > 0) {
        this.#wind(Math.ceil(left));
        return;
      }
      this.#waiting.delete(attempt);
      attempt.expire();
    }
  }
}
