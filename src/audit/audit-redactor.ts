import { redactText } from '../core/index.js';
import type { SensitiveSchema } from './sensitive-schema.js';

const MASK = '***';
/** What stands where the bound was reached. */
const CUT = '…';

/** How much of one record's arguments or details is kept: characters of JSON, roughly. */
export const MAX_RECORDED = 8_192;
const MAX_TEXT = 2_048;
/** Of a text, this much is looked through: twice what is kept, so that no credential stays because its end was cut off. */
const MAX_READ = 2 * MAX_TEXT;
const MAX_DEPTH = 16;
const MAX_NAME = 128;

/** Names whose values are secrets, whatever they are. */
const SECRET =
  /pass(?:word|wd|phrase|code)|pwd|secret|api[-_]?key|private[-_]?key|access[-_]?key|authorization|credential|cookie|(?:^|[-_])(?:pin|otp|cvv|cvc|ssn)$/i;
/** Names whose values are secrets when they are text: `max_tokens` is a number. */
const SECRET_TEXT = /token/i;
/** What every text that `redactText` would change has in it: a cheap look before the thorough one. */
const SUSPICIOUS = /bearer|basic|:\/\/|passw|pwd|secret|token|api[-_]?key|authorization|credential|eyJ/i;

/**
 * Masks secrets in what is recorded, and bounds it.
 *
 * What a schema calls sensitive is masked whole, then what has a telling name, then what looks like a credential or
 * matches a configured pattern within texts.
 */
export class AuditRedactor {
  readonly #patterns: readonly RegExp[];

  constructor(patterns: readonly string[] = []) {
    this.#patterns = patterns.map((source) => new RegExp(source, 'g'));
  }

  /** One text, masked and cut. */
  text(text: string, max = 512): string {
    const read = text.length > MAX_READ ? withoutLastWord(text.slice(0, MAX_READ)) : text;
    let masked = SUSPICIOUS.test(read) ? redactText(read) : read;
    for (const pattern of this.#patterns) masked = masked.replaceAll(pattern, MASK);
    return masked.length > max ? `${masked.slice(0, max)}${CUT}` : masked;
  }

  /** A copy of a value, masked and bounded, that can be written as JSON whatever it was. */
  value(value: unknown, sensitive?: SensitiveSchema): unknown {
    return this.#copy(value, sensitive, { left: MAX_RECORDED }, 0);
  }

  #copy(value: unknown, sensitive: SensitiveSchema | undefined, bound: { left: number }, depth: number): unknown {
    if (sensitive?.whole === true && value !== undefined) return MASK;
    if (bound.left <= 0) return CUT;
    if (typeof value === 'string') {
      const text = this.text(value, Math.min(MAX_TEXT, bound.left));
      bound.left -= text.length + 3;
      return text;
    }
    if (typeof value !== 'object' || value === null) {
      bound.left -= 8;
      return typeof value === 'bigint' || typeof value === 'symbol' ? String(value) : value;
    }
    if (depth >= MAX_DEPTH) return CUT;
    if (Array.isArray(value)) return this.#list(value as readonly unknown[], sensitive, bound, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
    return this.#object(value, sensitive, bound, depth);
  }

  #list(
    list: readonly unknown[],
    sensitive: SensitiveSchema | undefined,
    bound: { left: number },
    depth: number,
  ): unknown[] {
    const copy: unknown[] = [];
    for (const entry of list) {
      copy.push(this.#copy(entry, sensitive?.items, bound, depth + 1));
      if (bound.left <= 0) break;
    }
    if (copy.length < list.length) copy.push(`${CUT} (${list.length} in all)`);
    return copy;
  }

  #object(value: object, sensitive: SensitiveSchema | undefined, bound: { left: number }, depth: number): object {
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (bound.left <= 0) {
        copy[CUT] = CUT;
        break;
      }
      const name = key.length > MAX_NAME || SUSPICIOUS.test(key) ? this.text(key, MAX_NAME) : key;
      bound.left -= name.length + 4;
      const inner = (value as Readonly<Record<string, unknown>>)[key];
      put(copy, name, isSecret(key, inner) ? MASK : this.#copy(inner, sensitive?.property(key), bound, depth + 1));
    }
    return copy;
  }
}

/** `__proto__` is a name like any other. An object without a prototype would say so too, and take twice as long to write. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function withoutLastWord(text: string): string {
  return text.slice(0, Math.max(text.lastIndexOf(' '), MAX_TEXT));
}

function isSecret(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return SECRET.test(name) || (typeof value === 'string' && SECRET_TEXT.test(name));
}
