import { createHash, randomUUID } from 'node:crypto';
import type { TokenSealer } from './token-sealer.js';
import { tokenSet, type TokenSet } from './token-set.js';
import type { TokenStore } from './token-store.js';

const DAY_MS = 86_400_000;

/** Tokens as they were found, and which write of them this is. */
export interface HeldTokens {
  readonly tokens: TokenSet;
  readonly version: string;
}

/** What a vault is made of. */
export interface TokenVaultParts {
  /** The client's name. */
  readonly client: string;
  readonly store: TokenStore;
  readonly sealer: TokenSealer;
  /** How long a refresh token is kept that nobody uses. */
  readonly retentionDays: number;
}

/** The tokens of one client by principal, sealed before they reach the store. People are `principalKey`s here. */
export class TokenVault {
  constructor(private readonly parts: TokenVaultParts) {}

  /** What is held for a person; what cannot be opened, by a key that was taken out, counts as nothing. */
  async read(person: string): Promise<HeldTokens | undefined> {
    const record = await this.parts.store.get(this.#key(person));
    if (record === undefined) return undefined;
    const parsed = tokenSet.safeParse(this.parts.sealer.open(record.sealed, this.#context(person)));
    if (parsed.success) return { tokens: parsed.data, version: record.version };
    await this.parts.store.delete(this.#key(person), record.version);
    return undefined;
  }

  /** Keeps tokens in place of `expectedVersion`; without, where there are none. The new version, or `undefined` when others were faster. */
  async write(person: string, tokens: TokenSet, expectedVersion?: string): Promise<string | undefined> {
    const version = randomUUID();
    const { store, sealer, retentionDays } = this.parts;
    const expiresAt = tokens.refreshToken === undefined ? tokens.expiresAt : tokens.obtainedAt + retentionDays * DAY_MS;
    const record = { sealed: sealer.seal(tokens, this.#context(person)), version, expiresAt };
    return (await store.put(this.#key(person), record, expectedVersion)) ? version : undefined;
  }

  /** Keeps tokens whatever there was before. @throws Error when others write without end */
  async replace(person: string, tokens: TokenSet): Promise<void> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const record = await this.parts.store.get(this.#key(person));
      if ((await this.write(person, tokens, record?.version)) !== undefined) return;
    }
    throw new Error(`The tokens of client "${this.parts.client}" are being written by others without end.`);
  }

  /** Forgets tokens if they are still these. Whether they were. */
  drop(person: string, version: string): Promise<boolean> {
    return this.parts.store.delete(this.#key(person), version);
  }

  /** Says nothing of the person, whatever an id looks like. */
  #key(person: string): string {
    return `oauth.token:${this.parts.client}:${createHash('sha256').update(person).digest('base64url')}`;
  }

  #context(person: string): readonly string[] {
    return ['token', this.parts.client, person];
  }
}
