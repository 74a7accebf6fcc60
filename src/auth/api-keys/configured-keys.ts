import { createHmac, randomBytes } from 'node:crypto';
import { derivedKeyId, digestOfKey } from './api-key.js';
import { SENDABLE_KEY, UNSENDABLE, isShortForm, type ApiKeyEntry } from './api-keys.options.js';
import type { KeyRecord } from './judge-key.js';
import { readSecretFile, type SecretFile } from './secret-file.js';

/** A key of the configuration, with what is known of its secret while the server starts. */
export interface ConfiguredKey {
  readonly record: KeyRecord;
  /** Where it stands, without a secret in it: `auth.apiKeys.reports`. */
  readonly path: string;
  /** Whether the entry's name is the key itself. */
  readonly shortForm: boolean;
  /** The key and the one before it, as far as they are known. */
  readonly secrets: readonly string[];
  /** Files with secrets that everybody on the machine can read. */
  readonly exposedFiles: readonly string[];
}

/**
 * Makes keys of the entries of `auth.apiKeys`.
 *
 * @throws Error listing every file that cannot be used, with its entry
 */
export function configuredKeys(
  entries: Readonly<Record<string, ApiKeyEntry>>,
  readFile: (path: string) => SecretFile = readSecretFile,
): readonly ConfiguredKey[] {
  const faults: string[] = [];
  const keys = Object.entries(entries).flatMap(([name, entry]) => {
    try {
      return configuredKey(name, entry, readFile);
    } catch (error) {
      faults.push(`auth.apiKeys.${name}: ${(error as Error).message}`);
      return [];
    }
  });
  if (faults.length > 0) throw new Error(`API keys cannot be read:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
  return keys;
}

function configuredKey(name: string, entry: ApiKeyEntry, readFile: (path: string) => SecretFile): ConfiguredKey {
  const shortForm = isShortForm(entry);
  const id = shortForm ? derivedKeyId(name) : name;
  const files: string[] = [];
  const open = (source: KeySource): Opened => {
    if (source.hash !== undefined) return { digest: source.hash.toLowerCase().replace('sha256:', '') };
    if (source.secretFile === undefined) return known(source.secret ?? '');
    const { secret, worldReadable } = readFile(source.secretFile);
    if (secret !== '' && !SENDABLE_KEY.test(secret))
      throw new Error(`${source.secretFile} holds a key that ${UNSENDABLE}`);
    if (worldReadable) files.push(source.secretFile);
    return known(secret);
  };
  const current = open(shortForm ? { secret: name } : entry);
  const previous = entry.previous && open(entry.previous);
  const { permissions, roles, attributes, tenant, disabled } = entry;
  const record: KeyRecord = {
    id,
    digest: current.digest,
    ...(previous && { previous: { digest: previous.digest, expiresAt: time(entry.previous?.expiresAt) } }),
    permissions,
    roles,
    attributes,
    tenant,
    disabled,
    createdAt: 0,
    expiresAt: time(entry.expiresAt),
  };
  const secrets = [current.secret, previous?.secret].filter((secret) => secret !== undefined);
  return { record, path: `auth.apiKeys.${id}`, shortForm, secrets, exposedFiles: files };
}

interface KeySource {
  readonly secret?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly hash?: string | undefined;
}

interface Opened {
  readonly digest: string;
  readonly secret?: string;
}

function known(secret: string): Opened {
  return { digest: digestOfKey(secret), secret };
}

function time(iso: string | undefined): number {
  return iso === undefined ? Number.POSITIVE_INFINITY : Date.parse(iso);
}

/**
 * Finds configured keys by digest. The table is keyed by an HMAC under a random key of this process: how long a lookup
 * takes says nothing about the digests in it.
 */
export class ConfiguredKeyIndex {
  readonly #pepper = randomBytes(32);
  readonly #records: ReadonlyMap<string, KeyRecord>;

  constructor(keys: readonly ConfiguredKey[]) {
    this.#records = new Map(
      keys.flatMap(({ record }) => {
        const digests = record.previous === undefined ? [record.digest] : [record.digest, record.previous.digest];
        return digests.map((digest) => [this.#mac(digest), record] as const);
      }),
    );
  }

  find(digest: string): KeyRecord | undefined {
    return this.#records.get(this.#mac(digest));
  }

  #mac(digest: string): string {
    return createHmac('sha256', this.#pepper).update(digest).digest('base64url');
  }
}
