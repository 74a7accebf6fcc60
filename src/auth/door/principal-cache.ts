import { hash } from 'node:crypto';
import type { Authenticated } from './authentication.js';
import type { Credential } from './credential.js';

/** Who a credential stands for, for a while. */
export interface CachedAuthentication {
  readonly authentication: Authenticated;
  /** Milliseconds since the epoch; never later than the credential's own end. */
  readonly validUntil: number;
  /** Whether it comes from the key store, and so counts only while the store's changes are heard of. */
  readonly stored: boolean;
}

interface Kept {
  readonly entry: CachedAuthentication;
  /** Whether it was asked for since eviction last passed over it. */
  used: boolean;
}

/**
 * Remembers who good credentials stand for, by their digest: never a credential itself, never a refusal. Bounded: those
 * that were not used lately go first, found by going round by age and passing once over what was used (CLOCK).
 */
export class PrincipalCache {
  readonly #entries = new Map<string, Kept>();
  #epoch = 0;

  constructor(private readonly maxEntries: number) {}

  /** The key of a credential. SHA-256: two credentials do not share one. */
  static keyOf({ scheme, secret }: Credential): string {
    return hash('sha256', `${scheme} ${secret}`, 'base64url');
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Another number after every {@link clear}: what was found out before must not be remembered after. */
  get epoch(): number {
    return this.#epoch;
  }

  get(key: string, now: number): CachedAuthentication | undefined {
    const kept = this.#entries.get(key);
    if (kept === undefined) return undefined;
    if (now >= kept.entry.validUntil) {
      this.#entries.delete(key);
      return undefined;
    }
    kept.used = true;
    return kept.entry;
  }

  /** @param epoch - that of the time before the credential was looked at */
  put(key: string, entry: CachedAuthentication, epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#entries.delete(key);
    if (this.#entries.size >= this.maxEntries) this.#evict();
    this.#entries.set(key, { entry, used: false });
  }

  #evict(): void {
    for (const [key, kept] of this.#entries) {
      this.#entries.delete(key);
      if (!kept.used) return;
      // It comes up again at the end of this very round, should all have been used.
      kept.used = false;
      this.#entries.set(key, kept);
    }
  }

  /** Forgets everybody. */
  clear(): void {
    this.#entries.clear();
    this.#epoch++;
  }
}
