import { types } from 'node:util';
import { redactError, redactText } from '../redaction.js';

const DEEPEST = 6;
const MOST_ENTRIES = 100;
const LONGEST_NAME = 256;
/** What stands beside a text in JSON: quotes, a comma, a colon. */
const AROUND = 4;
const HIDDEN = '***';
const UNREADABLE = '[unreadable]';

/** Names of fields whose values are nobody's business, whatever they look like. */
const SECRET_NAME =
  /passw(?:or)?d|pwd|passphrase|secret|api[-_]?key|private[-_]?key|credential|authorization|cookie|token/i;
/** Among those, names of what is counted. */
const COUNTED_NAME = /token/i;

/**
 * What the fields of one line become: JSON of bounded size, with nothing in it that looks like a credential.
 *
 * Whatever a line is given, a line comes of it: cycles, getters that throw, values that JSON does not know, megabytes.
 */
export class LogValues {
  readonly #ancestors = new Set<object>();
  #left: number;

  /** @param characters - of all texts and names together */
  constructor(characters: number) {
    this.#left = characters;
  }

  /** A text without credentials, cut where it is too long, which it then says. */
  text(text: string): string {
    const redacted = redactText(text);
    const cut = redacted.length > this.#left;
    const kept = cut ? `${redacted.slice(0, Math.max(0, this.#left))}… (cut, ${text.length} characters)` : redacted;
    this.#left -= kept.length + AROUND;
    return kept;
  }

  /** Any value, as JSON has it. */
  value(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        this.#left -= AROUND;
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
        return this.text(value.toString());
      case 'symbol':
        return this.text(value.toString());
      case 'function':
        return '[function]';
      case 'object':
        return value === null ? null : this.#guarded(value);
      default:
        return value;
    }
  }

  /** The own fields of an object; none of one that cannot be read. */
  fields(of: object): Record<string, unknown> {
    const fields = this.#guarded(of, true);
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : { value: fields };
  }

  #guarded(value: object, asFields = false): unknown {
    if (this.#ancestors.has(value)) return '[circular]';
    if (this.#ancestors.size >= DEEPEST) return Array.isArray(value) ? '[array]' : '[object]';
    if (this.#left <= 0) return '…';
    this.#ancestors.add(value);
    try {
      return asFields ? this.#named(value) : this.#object(value);
    } catch {
      return UNREADABLE;
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #object(value: object): unknown {
    if (types.isNativeError(value) || value instanceof Error) return this.#named(redactError(value));
    if (Array.isArray(value)) return this.#listed(value, value.length);
    if (value instanceof Set) return this.#listed(value, value.size);
    if (value instanceof Map) return this.#entries(value, value.size);
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return `[${value.byteLength} bytes]`;
    if (types.isPromise(value)) return '[promise]';
    if (types.isRegExp(value)) return this.text(String(value));
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      const json: unknown = value.toJSON();
      return typeof json === 'object' && json !== null && json !== value ? this.#named(json) : this.#plain(json, value);
    }
    return this.#named(value);
  }

  #plain(json: unknown, value: object): unknown {
    return json === value ? this.#named(value) : this.value(json);
  }

  #listed(items: Iterable<unknown>, size: number): unknown[] {
    const list: unknown[] = [];
    for (const item of items) {
      if (list.length === MOST_ENTRIES || this.#left <= 0) {
        list.push(`… ${size - list.length} more`);
        break;
      }
      list.push(this.value(item) ?? null);
    }
    return list;
  }

  #named(value: object): unknown {
    if (Array.isArray(value)) return this.#listed(value, value.length);
    const names = Object.keys(value);
    const read = function* (): Generator<readonly [unknown, unknown]> {
      for (const name of names) yield [name, readable(value, name)];
    };
    return this.#entries(read(), names.length);
  }

  #entries(entries: Iterable<readonly [unknown, unknown]>, size: number): Record<string, unknown> {
    const fields: [string, unknown][] = [];
    for (const [key, value] of entries) {
      if (fields.length === MOST_ENTRIES || this.#left <= 0) {
        fields.push(['…', `${size - fields.length} more`]);
        break;
      }
      const name = this.text(String(key).slice(0, LONGEST_NAME));
      const kept = isSecret(name, value) ? HIDDEN : this.value(value);
      if (kept !== undefined) fields.push([name, kept]);
    }
    return Object.fromEntries(fields);
  }
}

function readable(value: object, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return UNREADABLE;
  }
}

/** What is only on or off, or counts tokens, tells nothing. */
function isSecret(name: string, value: unknown): boolean {
  if (value === undefined || value === null || typeof value === 'boolean' || !SECRET_NAME.test(name)) return false;
  return typeof value !== 'number' || !COUNTED_NAME.test(name);
}
