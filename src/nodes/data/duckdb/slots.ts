import { CancelledError, RookeryError } from '../../../core/index.js';

/** Lets so many do something at once; the others wait in the order in which they came, and not too many of them. */
export class Slots {
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly count: number,
    private readonly maxWaiting: number,
  ) {}

  /** Waits for a place, and returns how to give it back. @throws RookeryError `overloaded`; the reason of the signal */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.count) await this.#wait(signal);
    else this.#taken++;
    return () => this.#pass();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.maxWaiting) {
      throw new RookeryError('overloaded', 'Too many computations wait for DuckDB; try again later.', {
        retryAfter: 1,
      });
    }
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(go);
        reject(signal.reason instanceof Error ? signal.reason : new CancelledError());
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken--;
    } else {
      this.#waiting.delete(next);
      next();
    }
  }
}
