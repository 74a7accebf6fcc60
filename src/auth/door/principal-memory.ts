import { Inject, Injectable, Logger, Optional, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { redactError, type Principal } from '../../core/index.js';
import { ApiKeyStore } from '../api-keys/api-key-store.js';
import { RevocationWatch } from '../api-keys/revocation-watch.js';
import { AuthClock } from '../auth-clock.js';
import { AuthState } from '../auth-state.js';
import type { AcceptedCredential } from './accepted.js';
import type { Authenticated } from './authentication.js';
import type { Credential } from './credential.js';
import { PrincipalCache } from './principal-cache.js';

/**
 * Remembers who good credentials stand for, no longer than they are good: until they end, until a change in the key
 * store is heard of, and, what comes from that store, only while its changes can be heard.
 */
@Injectable()
export class PrincipalMemory implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Auth');
  readonly #cache: PrincipalCache;
  readonly #enabled: boolean;
  readonly #ttlMs: number;
  readonly #watch: RevocationWatch | undefined;
  #deaf = false;

  constructor(
    { options }: AuthState,
    private readonly clock: AuthClock,
    @Optional() @Inject(ApiKeyStore) store?: ApiKeyStore,
  ) {
    const { principalCache, storedKeys, revocationSeconds } = options;
    this.#enabled = principalCache.enabled;
    this.#cache = new PrincipalCache(principalCache.maxEntries);
    this.#ttlMs = principalCache.ttlMs;
    if (!storedKeys || store === undefined) return;
    this.#watch = new RevocationWatch(store, {
      withinMs: revocationSeconds * 1000,
      onChange: () => this.forget(),
      onAnswer: (error) => this.#report(error),
      now: () => this.clock.now(),
    });
  }

  async onModuleInit(): Promise<void> {
    await this.#watch?.start();
  }

  onModuleDestroy(): void {
    this.#watch?.stop();
  }

  /** How many credentials are remembered right now. */
  get size(): number {
    return this.#cache.size;
  }

  /** See {@link PrincipalCache.epoch}. */
  get epoch(): number {
    return this.#cache.epoch;
  }

  /** Who a credential stands for, if that is known from before. */
  recall(credential: Credential): Authenticated | undefined {
    if (!this.#enabled) return undefined;
    const now = this.clock.now();
    const known = this.#cache.get(PrincipalCache.keyOf(credential), now);
    if (known === undefined || !known.stored) return known?.authentication;
    return this.#watch !== undefined && now < this.#watch.trustedUntil ? known.authentication : undefined;
  }

  /** @param epoch - that of the time before the credential was looked at */
  remember(credential: Credential, principal: Principal, by: AcceptedCredential, epoch: number): Authenticated {
    const authentication: Authenticated = Object.freeze({ kind: 'authenticated', principal });
    if (this.#enabled && by.cacheable) {
      const validUntil = Math.min(this.clock.now() + this.#ttlMs, principal.expiresAt ?? Number.POSITIVE_INFINITY);
      this.#cache.put(PrincipalCache.keyOf(credential), { authentication, validUntil, stored: by.stored }, epoch);
    }
    return authentication;
  }

  /** Forgets everybody: for whoever has just revoked a key in this process. */
  forget(): void {
    this.#cache.clear();
  }

  /** Looks now whether the key store has changed, instead of within the next seconds. */
  async refresh(): Promise<void> {
    await this.#watch?.check();
  }

  #report(error: unknown): void {
    if (this.#deaf === (error !== undefined)) return;
    this.#deaf = error !== undefined;
    if (this.#deaf) {
      this.#logger.error({
        msg: 'The API key store does not answer: keys in it are not accepted.',
        err: redactError(error),
      });
    } else this.#logger.log('The API key store answers again.');
  }
}
