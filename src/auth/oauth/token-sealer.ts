import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const FORMAT = 1;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES;

interface Key {
  readonly id: Buffer;
  readonly secret: Buffer;
}

/**
 * Encrypts what a token store keeps: AES-256-GCM, bound to its context, so that a record neither can be read or altered
 * nor moved to another person, client or purpose.
 *
 * The first key seals, all of them open: a new key is put in front, and the old one taken out once everything that it
 * sealed has been written again or expired.
 */
export class TokenSealer {
  readonly #keys: readonly [Key, ...Key[]];

  /** @param secrets - of 32 characters or more; none makes one of this process's own, lost with it */
  constructor(secrets: readonly string[]) {
    const [first, ...rest] = secrets;
    this.#keys = [keyOf(first ?? randomBytes(32).toString('base64')), ...rest.map(keyOf)];
  }

  /** @param context - what {@link open} must be given too: client, purpose, person */
  seal(value: unknown, context: readonly string[]): Uint8Array {
    const [key] = this.#keys;
    const header = Buffer.concat([Buffer.of(FORMAT), key.id, randomBytes(IV_BYTES)]);
    const cipher = createCipheriv('aes-256-gcm', key.secret, header.subarray(1 + KEY_ID_BYTES));
    cipher.setAAD(authenticated(header, context));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return Buffer.concat([header, sealed, cipher.getAuthTag()]);
  }

  /** The value; `undefined` when it was altered, sealed for another context, or with a key that is not here. */
  open(sealed: Uint8Array, context: readonly string[]): unknown {
    const bytes = Buffer.from(sealed);
    if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== FORMAT) return undefined;
    const header = bytes.subarray(0, HEADER_BYTES);
    const id = header.subarray(1, 1 + KEY_ID_BYTES);
    const key = this.#keys.find((candidate) => candidate.id.equals(id));
    if (key === undefined) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key.secret, header.subarray(1 + KEY_ID_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(authenticated(header, context)).setAuthTag(bytes.subarray(-TAG_BYTES));
    const body = bytes.subarray(HEADER_BYTES, -TAG_BYTES);
    try {
      return JSON.parse(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'));
    } catch {
      // What cannot be opened is as good as lost: its owner consents again.
      return undefined;
    }
  }
}

function keyOf(secret: string): Key {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `rookery oauth tokens ${purpose}`, length));
  return { id: derive('key id', KEY_ID_BYTES), secret: derive('key', 32) };
}

function authenticated(header: Buffer, context: readonly string[]): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify(context))]);
}
