import type { AlertNotification } from './notification.js';

/** Thrown by an action: trying again would not help. */
export class DeliveryRefusedError extends Error {
  override readonly name = 'DeliveryRefusedError';
}

/** How notifications reach somebody. */
export interface Delivery {
  /** Rejects when it did not arrive. @throws DeliveryRefusedError when trying again would not help */
  deliver(notification: AlertNotification, signal: AbortSignal): Promise<void>;
  /** Milliseconds that one attempt gets. */
  readonly timeoutMs: number;
  /** Further attempts after the first. */
  readonly retries: number;
  /** Milliseconds before the second attempt. */
  readonly backoffMs: number;
}

/** How a notification, or one attempt, ended. */
export type DeliveryResult = 'delivered' | 'retried' | 'failed' | 'dropped';

/** What a queue needs from outside. */
export interface DeliverySurroundings {
  readonly maxQueued: number;
  /** Rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly note: (result: DeliveryResult, notification: AlertNotification, error?: unknown) => void;
}

/** The longest wait between two attempts, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/**
 * The notifications for one action, one after another and in their order, so that nobody hears of the end of an alert
 * before its beginning. Bounded: of too many the oldest that is not under way is dropped.
 */
export class DeliveryQueue {
  readonly #waiting: AlertNotification[] = [];
  readonly #attempts = new AbortController();
  readonly #waits = new AbortController();
  #working: Promise<void> | undefined;

  constructor(
    private readonly delivery: Delivery,
    private readonly surroundings: DeliverySurroundings,
  ) {}

  /** Those not delivered yet, with the one under way. */
  get length(): number {
    return this.#waiting.length + (this.#working === undefined ? 0 : 1);
  }

  push(notification: AlertNotification): void {
    if (this.#waits.signal.aborted) return this.surroundings.note('dropped', notification);
    this.#waiting.push(notification);
    if (this.#waiting.length > this.surroundings.maxQueued) {
      this.surroundings.note('dropped', this.#waiting.shift() as AlertNotification);
    }
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** Resolves when everything is delivered or given up. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /**
   * Takes no more and waits for none: what is queued gets one attempt each, until the signal aborts; the rest is
   * dropped.
   */
  async close(signal: AbortSignal): Promise<void> {
    this.#waits.abort();
    const stop = (): void => this.#attempts.abort();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    await this.#working;
    signal.removeEventListener('abort', stop);
  }

  async #work(): Promise<void> {
    // The caller goes on first: an action of a team may be slow to return its promise.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#settle(next);
  }

  async #settle(notification: AlertNotification): Promise<void> {
    const { note } = this.surroundings;
    for (let attempt = 0; ; attempt++) {
      if (this.#attempts.signal.aborted) return note('dropped', notification);
      const last = this.#waits.signal.aborted;
      try {
        await this.#attempt(notification);
        return note('delivered', notification);
      } catch (error) {
        if (error instanceof DeliveryRefusedError || attempt >= this.delivery.retries) {
          return note('failed', notification, error);
        }
        if (last) return note('dropped', notification, error);
        note('retried', notification, error);
        await this.#wait(attempt);
      }
    }
  }

  async #wait(attempt: number): Promise<void> {
    const { sleep, random } = this.surroundings;
    const longest = Math.min(LONGEST_WAIT_MS, this.delivery.backoffMs * 2 ** attempt);
    try {
      await sleep(longest * (0.5 + random() / 2), this.#waits.signal);
    } catch (error) {
      if (!this.#waits.signal.aborted) throw error;
    }
  }

  /** A deadline holds also for an action that does not look at its signal. */
  async #attempt(notification: AlertNotification): Promise<void> {
    const { timeoutMs } = this.delivery;
    const late = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([this.#attempts.signal, late]);
    await new Promise<void>((resolve, reject) => {
      const stopped = (): void =>
        reject(new Error(late.aborted ? `It took longer than ${timeoutMs} ms.` : 'The server stopped.'));
      signal.addEventListener('abort', stopped, { once: true });
      Promise.resolve(this.delivery.deliver(notification, signal))
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', stopped));
    });
  }
}
