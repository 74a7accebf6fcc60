import type { ApiKeyStore } from './api-key-store.js';

/** How a {@link RevocationWatch} is set up. */
export interface RevocationWatchOptions {
  /** Milliseconds within which a change in the store must have its effect. */
  readonly withinMs: number;
  /** Called when anything in the store has changed. */
  readonly onChange: () => void;
  /** Called each time the store was asked, with the error when it could not be. */
  readonly onAnswer?: ((error: unknown) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

/**
 * Hears of changes in the key store, whichever process made them, by asking for its revision twice in the time that a
 * revocation may take.
 *
 * What is remembered of stored keys counts only until {@link trustedUntil}: a store that cannot be asked ends that too,
 * so a revoked key never outlives the time because the news of it did not arrive.
 */
export class RevocationWatch {
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #revision: number | undefined;
  #trustedUntil = 0;

  constructor(
    private readonly store: ApiKeyStore,
    private readonly options: RevocationWatchOptions,
  ) {
    this.#now = options.now ?? Date.now;
  }

  /** Until when nothing can have been revoked that we have not heard of for too long; milliseconds since the epoch. */
  get trustedUntil(): number {
    return this.#trustedUntil;
  }

  /** Asks now, and from now on. */
  async start(): Promise<void> {
    this.#timer ??= setInterval(() => void this.check(), this.options.withinMs / 2).unref();
    await this.check();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Asks once. Does not reject. */
  async check(): Promise<void> {
    const asked = this.#now();
    try {
      const revision = await this.store.revision();
      if (this.#revision !== undefined && revision !== this.#revision) this.options.onChange();
      this.#revision = revision;
      this.#trustedUntil = Math.max(this.#trustedUntil, asked + this.options.withinMs);
      this.options.onAnswer?.(undefined);
    } catch (error) {
      this.options.onAnswer?.(error ?? new Error('The store rejected without a reason.'));
    }
  }
}
