import { CancelledError, RookeryError } from '../../core/index.js';

/** How many may run, how many may wait, and for how long. */
export interface SlotLimits {
  readonly concurrency: number;
  readonly maxQueue: number;
  /** Milliseconds. */
  readonly maxWaitMs: number;
}

/** Lets so many run at once and so many wait, in order. */
export class Slots {
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly limits: SlotLimits) {}

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs it when there is a slot. @throws RookeryError `overloaded` when too many wait or for too long; CancelledError */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted === true) throw new CancelledError();
    if (this.#running < this.limits.concurrency) this.#running++;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      this.#free();
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    const { maxQueue, maxWaitMs } = this.limits;
    if (this.#waiting.size >= maxQueue) throw overloaded('Too many pieces of code wait to be run.');
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(turn);
      };
      const turn = (): void => {
        leave();
        resolve();
      };
      const abort = (): void => {
        leave();
        reject(new CancelledError());
      };
      const timer = setTimeout(() => {
        leave();
        reject(overloaded(`The code waited for ${maxWaitMs} ms and its turn did not come.`));
      }, maxWaitMs);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(turn);
    });
  }

  /** The slot goes to whoever waits longest, or is free. */
  #free(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running--;
    else next();
  }
}

function overloaded(message: string): RookeryError {
  return new RookeryError('overloaded', `${message} Try again later.`, { retryAfter: 1 });
}
