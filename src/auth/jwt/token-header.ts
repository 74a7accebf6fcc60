import { isObject } from '../../core/index.js';
import type { RefusalReason } from '../door/refusal-reason.js';

/** Characters of a header that is worth remembering. */
const LONGEST_KEPT = 1024;

const SHAPE = /^[\w-]+\.[\w-]*\.[\w-]*$/;

/** Whether a credential has the shape of a signed token: three parts of base64url. */
export function isJwtShaped(secret: string): boolean {
  return SHAPE.test(secret);
}

/** Types of tokens that may be access tokens (RFC 7519 §5.1, RFC 9068 §2.1). */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/**
 * Looks at a token's header before its signature is checked: an algorithm that is accepted, a type that may be an access
 * token, and no extension that has to be understood (`crit`, RFC 7515 §4.1.11). Keys that a header brings along (`jwk`,
 * `jku`, `x5c`) are not looked at, here or later.
 */
export class HeaderRules {
  readonly #algorithms: ReadonlySet<string>;
  /** The last header that was good: tokens that are signed with one key have the same. */
  #good: string | undefined;

  constructor(algorithms: Iterable<string>) {
    this.#algorithms = new Set(algorithms);
  }

  /** Why a token is refused, or `undefined`. */
  fault(token: string): RefusalReason | undefined {
    const text = token.slice(0, token.indexOf('.'));
    if (text === this.#good) return undefined;
    const header = jsonPart(text);
    if (header === undefined) return 'malformed';
    const { alg, typ, crit } = header;
    if (typeof alg !== 'string' || !this.#algorithms.has(alg)) return 'algorithm';
    if (crit !== undefined) return 'malformed';
    if (!TYPES.has(typeof typ === 'string' ? typ.toLowerCase() : typ)) return 'token_type';
    // A copy: a part of a text keeps the whole of it, here a credential.
    this.#good = text.length > LONGEST_KEPT ? undefined : Buffer.from(text, 'latin1').toString('latin1');
    return undefined;
  }
}

/** A part of a token as the JSON object that it must be. */
export function jsonPart(part: string | Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const text =
      typeof part === 'string' ? Buffer.from(part, 'base64url').toString('utf8') : Buffer.from(part).toString('utf8');
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
