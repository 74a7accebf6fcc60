import { digestOfKey, generateApiKey } from './api-key.js';
import type { ApiKeyStore, StoredApiKey } from './api-key-store.js';

/** What a new key is to be. */
export interface NewApiKey {
  /** The principal's id: 1 to 128 letters, digits and `_ . : @ / -`. */
  readonly id: string;
  readonly permissions?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly tenant?: string | undefined;
  /** Milliseconds since the epoch; never by default. */
  readonly expiresAt?: number | undefined;
}

/** How a key is replaced. */
export interface RotateOptions {
  /** Milliseconds for which the old key works beside the new one. @default 86,400,000, a day */
  readonly overlapMs?: number | undefined;
  /** When the key ends, in milliseconds since the epoch; what it had, by default. */
  readonly expiresAt?: number | undefined;
}

/** A key that was made, to be shown once: it is nowhere else. */
export interface IssuedApiKey {
  readonly id: string;
  readonly key: string;
}

const ID = /^[\w.:@/-]{1,128}$/;
const DAY_MS = 86_400_000;

/** Makes, replaces and ends the API keys of a store: what `rookery keys` does. */
export class ApiKeys {
  constructor(
    private readonly store: ApiKeyStore,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws Error when the id is not one, is taken, or the key would never be valid */
  async create({
    id,
    permissions = [],
    roles = [],
    attributes = {},
    tenant,
    expiresAt,
  }: NewApiKey): Promise<IssuedApiKey> {
    if (!ID.test(id)) throw new Error('The id of a key has 1 to 128 letters, digits and _ . : @ / - in it.');
    this.#mustBeAhead(expiresAt);
    const key = generateApiKey(id);
    const createdAt = this.now();
    const entry: StoredApiKey = {
      id,
      digest: digestOfKey(key),
      permissions,
      roles,
      attributes,
      createdAt,
      ...(tenant !== undefined && { tenant }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    if (await this.store.add(entry)) return { id, key };
    throw new Error(`There is a key with the id "${id}" already: rotate it, or take another id.`);
  }

  /** @throws Error when there is no such key, or it was revoked */
  async rotate(id: string, { overlapMs = DAY_MS, expiresAt }: RotateOptions = {}): Promise<IssuedApiKey> {
    this.#mustBeAhead(expiresAt);
    const key = generateApiKey(id);
    const rotation = { digest: digestOfKey(key), previousUntil: this.now() + overlapMs, expiresAt };
    if (await this.store.rotate(id, rotation)) return { id, key };
    throw new Error(
      (await this.store.get(id)) === undefined
        ? `There is no key with the id "${id}": create it.`
        : `The key with the id "${id}" is revoked, for good, and its id stays taken: create a key with another id.`,
    );
  }

  /** Ends a key and the one before it. @throws Error when there is no such key, or it was revoked before */
  async revoke(id: string): Promise<void> {
    if (await this.store.revoke(id, this.now())) return;
    throw new Error(`There is no key with the id "${id}" that is not revoked already.`);
  }

  /** Every key, revoked and expired ones too, without what could be used as one. */
  async list(): Promise<readonly Omit<StoredApiKey, 'digest' | 'previous'>[]> {
    return (await this.store.list()).map(({ digest: _digest, previous: _previous, ...entry }) => entry);
  }

  #mustBeAhead(expiresAt: number | undefined): void {
    if (expiresAt !== undefined && expiresAt <= this.now()) {
      throw new Error('The end of a key must lie ahead: this one would never be valid.');
    }
  }
}
