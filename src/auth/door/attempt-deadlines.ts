import { LinkedList, type Linked, type Links } from '../../core/index.js';

/** Something that is told when its time is over. */
export abstract class Expiring implements Linked<Expiring> {
  links: Links<Expiring> | undefined;
  /** On the clock of its deadlines. */
  until = 0;

  abstract expire(): void;
}

/** The same time for everybody, on one timer for all of them: whoever begins later ends later. It keeps no process alive. */
export class AttemptDeadlines {
  /** What is under way; the oldest first. */
  readonly #waiting = new LinkedList<Expiring>();
  #timer: NodeJS.Timeout | undefined;

  /** @param now - milliseconds, never going back */
  constructor(
    private readonly timeMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  begin(attempt: Expiring): void {
    attempt.until = this.now() + this.timeMs;
    this.#waiting.add(attempt);
    if (this.#timer === undefined) this.#wind(this.timeMs);
  }

  end(attempt: Expiring): void {
    this.#waiting.remove(attempt);
  }

  #wind(delayMs: number): void {
    this.#timer = setTimeout(() => this.#expire(), delayMs).unref();
  }

  #expire(): void {
    this.#timer = undefined;
    for (;;) {
      const { first } = this.#waiting;
      if (first === undefined) return;
      const left = first.until - this.now();
      if (left > 0) return this.#wind(Math.ceil(left));
      this.#waiting.remove(first);
      first.expire();
    }
  }
}
