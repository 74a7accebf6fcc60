import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The most that a sealed state may hold: it travels in a request. */
export const MAX_STATE_BYTES = 16_384;

interface Key {
  readonly id: Buffer;
  readonly secret: Buffer;
}

/**
 * Seals state that a client keeps for the server (S/basic/patterns/mrtr): AES-256-GCM, so that it can neither be read
 * nor altered. The first key seals, all of them open, so that keys can be rotated.
 */
export class StateSeal {
  readonly #keys: readonly [Key, ...Key[]];

  /** @param secrets - of 32 characters or more; none makes one of this process's own */
  constructor(
    secrets: readonly string[],
    private readonly purpose: string,
  ) {
    const [first, ...rest] = secrets.length === 0 ? [randomBytes(32).toString('base64')] : secrets;
    this.#keys = [keyOf(first as string), ...rest.map(keyOf)];
  }

  /** @throws RangeError when the state is larger than {@link MAX_STATE_BYTES}. */
  seal(state: unknown): string {
    const text = Buffer.from(JSON.stringify(state), 'utf8');
    if (text.length > MAX_STATE_BYTES) {
      throw new RangeError(`the state of this call is ${text.length} bytes, the most is ${MAX_STATE_BYTES}`);
    }
    const [key] = this.#keys;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key.secret, iv).setAAD(Buffer.from(this.purpose));
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return Buffer.concat([key.id, iv, sealed, cipher.getAuthTag()]).toString('base64url');
  }

  /** The state, or `undefined` when it was not sealed here for this purpose. */
  open(sealed: string): unknown {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < KEY_ID_BYTES + IV_BYTES + TAG_BYTES || bytes.length > 2 * MAX_STATE_BYTES) return undefined;
    // Decoding passes over what is no Base64: only the very text that was sealed is a state.
    if (bytes.toString('base64url') !== sealed) return undefined;
    const id = bytes.subarray(0, KEY_ID_BYTES);
    const key = this.#keys.find((candidate) => candidate.id.equals(id));
    if (key === undefined) return undefined;
    const iv = bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + IV_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.secret, iv)
        .setAAD(Buffer.from(this.purpose))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = Buffer.concat([
        decipher.update(bytes.subarray(KEY_ID_BYTES + IV_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return JSON.parse(text.toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  }
}

function keyOf(text: string): Key {
  const secret = createHash('sha256').update('rookery state key\0').update(text).digest();
  return { secret, id: createHash('sha256').update(secret).digest().subarray(0, KEY_ID_BYTES) };
}
