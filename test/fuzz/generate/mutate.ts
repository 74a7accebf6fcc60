import fc from 'fast-check';
import { isObject } from '../../../src/core/index.js';
import { deep, scalars, texts, values } from './json.js';

/** One change to a JSON document. */
export interface Mutation {
  /** Which of its places is changed, counted from the root and around. */
  readonly at: number;
  readonly change:
    | { readonly kind: 'remove' | 'wrap' | 'duplicate' | 'stringify' }
    | { readonly kind: 'replace'; readonly by: unknown }
    | { readonly kind: 'rename' | 'add'; readonly name: string; readonly by: unknown };
}

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

/** Any single change. */
export const mutations: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(200),
  change: fc.oneof(
    fc.record({ kind: fc.constantFrom('remove', 'wrap', 'duplicate', 'stringify') }),
    fc.record({ kind: fc.constant('replace' as const), by: replacements() }),
    fc.record({ kind: fc.constantFrom('rename', 'add'), name: texts, by: scalars }),
  ) as fc.Arbitrary<Mutation['change']>,
});

function replacements(): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: scalars }, { weight: 3, arbitrary: values }, { weight: 1, arbitrary: deep });
}

/** The document with one thing wrong; it is not touched itself. */
export function mutated(document: unknown, { at, change }: Mutation): unknown {
  const root: unknown[] = [structuredClone(document)];
  const places = [...placesIn(root)];
  const { parent, key } = places[at % places.length] as Place;
  apply(parent, key, change);
  return root[0];
}

function* placesIn(parent: Place['parent']): Generator<Place> {
  for (const key of Object.keys(parent)) {
    const place: Place = { parent, key: Array.isArray(parent) ? Number(key) : key };
    yield place;
    const value = valueAt(place);
    if (typeof value === 'object' && value !== null) yield* placesIn(value as Place['parent']);
  }
}

function apply(parent: Place['parent'], key: string | number, change: Mutation['change']): void {
  const value = valueAt({ parent, key });
  switch (change.kind) {
    case 'remove':
      return Array.isArray(parent) ? void parent.splice(Number(key), 1) : void delete parent[key];
    case 'wrap':
      return put(parent, key, [value]);
    case 'duplicate':
      return put(parent, key, [value, value]);
    case 'stringify':
      return put(parent, key, JSON.stringify(value) ?? 'undefined');
    case 'replace':
      return put(parent, key, change.by);
    case 'rename':
      if (Array.isArray(parent)) return put(parent, key, change.name);
      delete parent[key];
      return put(parent, change.name, value);
    case 'add': {
      const place = isObject(value) ? value : parent;
      // No JSON has a list with named members.
      return Array.isArray(place) ? void place.push(change.by) : put(place, change.name, change.by);
    }
  }
}

function valueAt({ parent, key }: Place): unknown {
  return (parent as Record<string | number, unknown>)[key];
}

/** Defines, so that `__proto__` becomes a member like any other. */
function put(parent: object, key: string | number, value: unknown): void {
  Object.defineProperty(parent, key, { value, configurable: true, enumerable: true, writable: true });
}
