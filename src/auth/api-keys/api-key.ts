import { hash, randomBytes } from 'node:crypto';

/** Random bytes of a key: nobody guesses 256 bits, so a plain SHA-256 of it may be stored. */
const RANDOM_BYTES = 32;

/**
 * A new API key: `rk_<first letters of the id>_<43 characters of base64url>`. The middle tells people which key they are
 * looking at; only the end is secret, and the whole is what is compared.
 */
export function generateApiKey(id: string, random: (bytes: number) => Buffer = randomBytes): string {
  const hint = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 12);
  return `rk_${hint === '' ? 'key' : hint}_${random(RANDOM_BYTES).toString('base64url')}`;
}

/** What a store keeps of a key: SHA-256, 64 lower-case hex digits. */
export function digestOfKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** The id of a key that is known by nothing but itself: derived one way, so that it may be shown. */
export function derivedKeyId(key: string): string {
  return `key-${hash('sha256', `rookery key id ${key}`, 'hex').slice(0, 12)}`;
}
