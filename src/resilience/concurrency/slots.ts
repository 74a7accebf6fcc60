import type { Call, EndListener, WaitListener } from '../../core/index.js';
import type { Follower } from '../prepared-interceptor.js';
import type { ConcurrencyLimit, Waiting } from './concurrency-limit.js';

/** The slots that one call holds: given back once, and given up while the call waits for a person. */
export class Slots implements EndListener, WaitListener, Follower {
  #over = false;
  /** Taken again so far, while it returns. */
  #held: number;
  #returning: Waiting | undefined;

  /** @param limits - in each of which it has a slot */
  constructor(
    private readonly call: Pick<Call, 'unfollow'>,
    private readonly limits: readonly ConcurrencyLimit[],
  ) {
    this.#held = limits.length;
  }

  succeeded(): void {
    this.call.unfollow(this);
    this.callEnded();
  }

  failed(): void {
    this.succeeded();
  }

  callEnded(reason?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#returning?.cancel(reason);
    this.#leave();
  }

  pause(): void {
    if (!this.#over) this.#leave();
  }

  async resume(): Promise<void> {
    for (const limit of this.limits) {
      if (this.#over) return;
      if (!limit.tryEnter()) {
        this.#returning = limit.waitFirst();
        // One limit after another, as it was the first time.
        await this.#returning.entered;
        this.#returning = undefined;
        if (this.#over) return limit.leave();
      }
      this.#held++;
    }
  }

  #leave(): void {
    const held = this.#held;
    this.#held = 0;
    for (let index = 0; index < held; index++) (this.limits[index] as ConcurrencyLimit).leave();
  }
}
