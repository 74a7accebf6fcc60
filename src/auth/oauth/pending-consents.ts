import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { TokenSealer } from './token-sealer.js';
import type { TokenStore } from './token-store.js';

const pendingConsent = z.object({
  /** The `principalKey` of who asked: the tokens will be theirs. */
  person: z.string(),
  /** Shown to whoever comes back, so that they see whose access they granted. */
  displayId: z.string(),
  scopes: z.array(z.string()),
  codeVerifier: z.string(),
  redirectUri: z.string(),
});

/** A consent that was begun: who asked for what. */
export type PendingConsent = z.output<typeof pendingConsent>;

/** What pending consents are kept with. */
export interface PendingConsentsParts {
  /** The client's name. */
  readonly client: string;
  readonly store: TokenStore;
  readonly sealer: TokenSealer;
  readonly ttlMs: number;
  readonly now: () => number;
}

/**
 * Consents that were begun and not finished, by their `state`: 256 random bits, good for one answer within `ttlMs`, in
 * any process that shares the store. The store has a digest of the state and a sealed record, no verifier that works.
 */
export class PendingConsents {
  constructor(private readonly parts: PendingConsentsParts) {}

  /** Remembers a consent; returns its `state`. */
  async begin(consent: PendingConsent): Promise<string> {
    const state = randomBytes(32).toString('base64url');
    const { store, sealer, ttlMs, now } = this.parts;
    const record = {
      sealed: sealer.seal(consent, this.#context(state)),
      version: 'pending',
      expiresAt: now() + ttlMs,
    };
    if (!(await store.put(this.#key(state), record))) throw new Error('A state of 256 random bits was taken already.');
    return state;
  }

  /** The consent that belongs to a state, once; `undefined` when it is unknown, used, expired or another client's. */
  async take(state: string): Promise<PendingConsent | undefined> {
    const { store, sealer } = this.parts;
    const record = await store.get(this.#key(state));
    if (record === undefined || !(await store.delete(this.#key(state), record.version))) return undefined;
    return pendingConsent.safeParse(sealer.open(record.sealed, this.#context(state))).data;
  }

  #key(state: string): string {
    return `oauth.state:${this.parts.client}:${createHash('sha256').update(state).digest('base64url')}`;
  }

  #context(state: string): readonly string[] {
    return ['state', this.parts.client, state];
  }
}
