import { LinkedList, type Linked } from '../core/index.js';

interface Waiter extends Linked<Waiter> {
  readonly ticket: number;
  readonly settle: (outcome: boolean) => void;
}

/** Those who wait for a record to be somewhere: each for a ticket, for a limited time. */
export class RecordWaiters {
  readonly #waiting = new LinkedList<Waiter>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves with how the ticket was settled, or false when the time is over or the signal aborts first. */
  until(ticket: number, withinMs: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = (): void => waiter.settle(false);
      const waiter: Waiter = {
        links: undefined,
        ticket,
        settle: (outcome) => {
          this.#waiting.remove(waiter);
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          resolve(outcome);
        },
      };
      const timer = setTimeout(giveUp, Math.max(0, withinMs)).unref();
      this.#waiting.add(waiter);
      if (signal?.aborted === true) giveUp();
      else signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Settles everyone with this ticket or an earlier one. */
  settle(upTo: number, outcome: boolean): void {
    for (const waiter of this.#waiting) {
      if (waiter.ticket <= upTo) waiter.settle(outcome);
    }
  }
}
