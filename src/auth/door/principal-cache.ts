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

/**
 * Remembers who good credentials stand for, by their digest: never a credential itself, never a refusal. Bounded; the
 * least recently used go first.
 */
export class PrincipalCache {
  readonly #entries = new Map<string, CachedAuthentication>();
  #epoch = 0;

  constructor(private readonly maxEntries: number) {}

  /** The key of a credential. SHA-256: two credentials do not share one. */
  static keyOf({ scheme, secret }: Credential): string {
    return (scheme === 'bearer' ? 'b' : scheme) + hash('sha256', secret, 'base64url');
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Another number after every {@link clear}: what was found out before must not be remembered after. */
  get epoch(): number {
    return this.#epoch;
  }

  get(key: string, now: number): CachedAuthentication | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (now >= entry.validUntil) return undefined;
    this.#entries.set(key, entry);
    return entry;
  }

  /** @param epoch - that of the time before the credential was looked at */
  put(key: string, entry: CachedAuthentication, epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  /** Forgets everybody. */
  clear(): void {
    this.#entries.clear();
    this.#epoch++;
  }
}
