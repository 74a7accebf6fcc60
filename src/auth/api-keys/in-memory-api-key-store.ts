import { ApiKeyStore, type KeyRotation, type StoredApiKey } from './api-key-store.js';

/** Keeps API keys in this process: for tests, and for servers whose keys live as long as they do. */
export class InMemoryApiKeyStore extends ApiKeyStore {
  readonly #keys = new Map<string, StoredApiKey>();
  readonly #idOfDigest = new Map<string, string>();
  #revision = 0;

  override find(digest: string): Promise<StoredApiKey | undefined> {
    const id = this.#idOfDigest.get(digest);
    return Promise.resolve(id === undefined ? undefined : this.#keys.get(id));
  }

  override get(id: string): Promise<StoredApiKey | undefined> {
    return Promise.resolve(this.#keys.get(id));
  }

  override list(): Promise<readonly StoredApiKey[]> {
    return Promise.resolve([...this.#keys.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  }

  override add(key: StoredApiKey): Promise<boolean> {
    const digests = digestsOf(key);
    if (this.#keys.has(key.id) || digests.some((digest) => this.#idOfDigest.has(digest))) return Promise.resolve(false);
    this.#put(key);
    return Promise.resolve(true);
  }

  override revoke(id: string, at: number): Promise<boolean> {
    const key = this.#keys.get(id);
    if (key === undefined || key.revokedAt !== undefined) return Promise.resolve(false);
    this.#put({ ...key, revokedAt: at });
    return Promise.resolve(true);
  }

  override rotate(id: string, { digest, previousUntil, expiresAt }: KeyRotation): Promise<boolean> {
    const key = this.#keys.get(id);
    if (key === undefined || key.revokedAt !== undefined || this.#idOfDigest.has(digest)) return Promise.resolve(false);
    if (key.previous !== undefined) this.#idOfDigest.delete(key.previous.digest);
    this.#put({
      ...key,
      digest,
      previous: { digest: key.digest, expiresAt: previousUntil },
      expiresAt: expiresAt ?? key.expiresAt,
    });
    return Promise.resolve(true);
  }

  override revision(): Promise<number> {
    return Promise.resolve(this.#revision);
  }

  #put(key: StoredApiKey): void {
    this.#keys.set(key.id, key);
    for (const digest of digestsOf(key)) this.#idOfDigest.set(digest, key.id);
    this.#revision++;
  }
}

function digestsOf({ digest, previous }: StoredApiKey): readonly string[] {
  return previous === undefined ? [digest] : [digest, previous.digest];
}
