/** One API key as a store has it: never the key, only digests of it. */
export interface StoredApiKey {
  /** The principal's id: unique in the store, shown in logs, audit and metrics. */
  readonly id: string;
  /** SHA-256 of the valid key, 64 lower-case hex digits; unique in the store. */
  readonly digest: string;
  /** The key before the last rotation, and until when it still works. */
  readonly previous?: PreviousKey | undefined;
  readonly permissions: readonly string[];
  readonly roles: readonly string[];
  /** JSON-safe; what handlers and validators read as `principal.attributes`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tenant?: string | undefined;
  /** Milliseconds since the epoch, as every time here. */
  readonly createdAt: number;
  /** When the key ends; never by default. Ends the key before it too. */
  readonly expiresAt?: number | undefined;
  /** When it was revoked, with the key before it, for ever. */
  readonly revokedAt?: number | undefined;
}

/** The key that a rotation replaced. */
export interface PreviousKey {
  /** SHA-256, 64 lower-case hex digits. */
  readonly digest: string;
  /** Until when it still works, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What a rotation changes. */
export interface KeyRotation {
  /** SHA-256 of the new key, 64 lower-case hex digits. */
  readonly digest: string;
  /** Until when the key that is replaced still works, in milliseconds since the epoch. */
  readonly previousUntil: number;
  /** When the key ends; what the entry has, by default. */
  readonly expiresAt?: number | undefined;
}

/**
 * Where API keys are kept that people make and revoke while servers run.
 *
 * The store does not judge: it finds revoked and expired entries like any other, so that a refusal takes the same path
 * and the same time whatever the reason. Methods reject with whatever the back end throws when it cannot be reached;
 * the door then refuses with 503.
 */
export abstract class ApiKeyStore {
  /** The entry whose valid or previous key has this SHA-256 digest (64 lower-case hex digits). */
  abstract find(digest: string): Promise<StoredApiKey | undefined>;
  /** The entry with this id. */
  abstract get(id: string): Promise<StoredApiKey | undefined>;
  /** Every entry, revoked and expired ones too, by id in code-point order. */
  abstract list(): Promise<readonly StoredApiKey[]>;
  /** Keeps a new entry; `false`, and no change, when its id or its digest is taken, as a previous digest too. */
  abstract add(key: StoredApiKey): Promise<boolean>;
  /** Ends an entry for good; the first time stays. `false` when there is none, or it was revoked before. */
  abstract revoke(id: string, at: number): Promise<boolean>;
  /**
   * Gives an entry a new key; the one it had becomes `previous`, whatever was previous before ends.
   *
   * `false`, and no change, when there is no such entry, it is revoked, or the digest is taken.
   */
  abstract rotate(id: string, rotation: KeyRotation): Promise<boolean>;
  /**
   * A number that is another one after every change, whichever process made it. Asked for every few seconds: what was
   * remembered of keys is dropped when it differs.
   */
  abstract revision(): Promise<number>;
}
