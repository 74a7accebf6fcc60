/** Why a result is not kept. */
export type Unkept = 'not_json' | 'too_large';

const DEEPEST = 256;

/**
 * What JSON makes of a value, as a frozen copy that nobody can change for others; or why there is none.
 *
 * Members that JSON leaves out are left out, dates become text, `NaN` becomes null. A result that is `undefined` is kept
 * as such. Bytes, maps, sets and bigints are not JSON, although the first three would serialise to something.
 *
 * @param maxBytes - of its JSON in UTF-8; escapes are not counted
 */
export function frozenJson(value: unknown, maxBytes: number): { readonly value: unknown } | Unkept {
  try {
    return { value: new Copying(maxBytes).copy(value, 0) };
  } catch (error) {
    if (error instanceof CannotKeep) return error.reason;
    throw error;
  }
}

class CannotKeep extends Error {
  constructor(readonly reason: Unkept) {
    super(reason);
  }
}

class Copying {
  constructor(private left: number) {}

  copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.#take(Buffer.byteLength(value) + 2);
        return value;
      case 'number':
        this.#take(8);
        return Number.isFinite(value) ? value : null;
      case 'boolean':
      case 'undefined':
        this.#take(4);
        return value;
      case 'object':
        return value === null ? value : this.#object(value, depth);
      default:
        throw new CannotKeep('not_json');
    }
  }

  #object(value: object, depth: number): unknown {
    if (depth >= DEEPEST) throw new CannotKeep('not_json');
    this.#take(2);
    if (Array.isArray(value)) {
      return Object.freeze(value.map((entry: unknown) => (isLeftOut(entry) ? null : this.copy(entry, depth + 1))));
    }
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.copy(jsonOf(value), depth + 1);
    if (Object.prototype.toString.call(value) !== '[object Object]') throw new CannotKeep('not_json');
    const copy: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      if (isLeftOut(member)) continue;
      this.#take(Buffer.byteLength(name) + 4);
      const kept = this.copy(member, depth + 1);
      if (name === '__proto__') Object.defineProperty(copy, name, { value: kept, enumerable: true });
      else copy[name] = kept;
    }
    return Object.freeze(copy);
  }

  #take(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new CannotKeep('too_large');
  }
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

/** A Buffer's `toJSON` makes a list of numbers of it: not what anybody means by keeping bytes. */
function jsonOf(value: object & { readonly toJSON?: unknown }): unknown {
  if (ArrayBuffer.isView(value)) throw new CannotKeep('not_json');
  return (value as { toJSON(): unknown }).toJSON();
}
