/** Where a value was written. */
export interface Origin {
  /** `config/default.yaml:4`, `ROOKERY_SERVER__PORT`, `--port`. */
  readonly label: string;
  /** Whether `${NAME}` in it is replaced; only files ask for that. */
  readonly interpolated: boolean;
}

/** What a leaf of the configuration holds before a schema has seen it. */
export type Scalar = string | number | bigint | boolean | null;

/**
 * A value that remembers where each of its parts was written.
 *
 * Objects are maps here, so that no name of a key (`__proto__`) can mean anything to JavaScript.
 */
export interface Located {
  readonly origin: Origin;
  readonly value: Scalar | readonly Located[] | LocatedMap;
}

/** The keys of a group. */
export type LocatedMap = ReadonlyMap<string, Located>;

/** Names that no key of the configuration may have. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a value is a group of keys. */
export function isGroup(value: Located['value']): value is LocatedMap {
  return value instanceof Map;
}

/** Whether a value is a list. */
export function isList(value: Located['value']): value is readonly Located[] {
  return Array.isArray(value);
}

/** A layer in which nothing is set. */
export function emptyLayer(): Located {
  return { origin: { label: '', interpolated: false }, value: new Map() };
}

/** Gives every part of a JSON value the same origin. */
export function locate(value: unknown, origin: Origin): Located {
  if (Array.isArray(value)) return { origin, value: value.map((item: unknown) => locate(item, origin)) };
  if (typeof value === 'object' && value !== null) {
    return { origin, value: new Map(Object.entries(value).map(([key, item]) => [key, locate(item, origin)])) };
  }
  return { origin, value: value as Scalar };
}

/** Puts a value under a path of keys: `['server', 'port']`. */
export function locateAt(path: readonly string[], leaf: Located): Located {
  return path.reduceRight<Located>((inner, key) => ({ origin: leaf.origin, value: new Map([[key, inner]]) }), leaf);
}

/** The part at a path, or the nearest part above it: a missing key was left out where its group was written. */
export function nearest(located: Located | undefined, path: readonly PropertyKey[]): Located | undefined {
  let found = located;
  for (const segment of path) {
    if (found === undefined) return undefined;
    const next: Located | undefined = isGroup(found.value)
      ? found.value.get(String(segment))
      : isList(found.value)
        ? found.value[Number(segment)]
        : undefined;
    if (next === undefined) return found;
    found = next;
  }
  return found;
}
