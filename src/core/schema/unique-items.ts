import type { Ajv2020 } from 'ajv/dist/2020.js';
import { isObject } from './json-schema.js';

/**
 * Replaces ajv's `uniqueItems`, which compares every two objects of a list: 20,000 of them hold the process up for
 * seconds. This one writes each item down in one way only and looks for the same text, so its cost grows with the size.
 */
export function withFastUniqueItems(ajv: Ajv2020): Ajv2020 {
  return ajv.removeKeyword('uniqueItems').addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    compile: (wanted: boolean) => (items: readonly unknown[]) => !wanted || areUnique(items),
    error: { message: 'must not have the same item twice' },
  });
}

/** Whether no two items are equal as JSON: numbers by value, objects whatever the order of their properties. */
export function areUnique(items: readonly unknown[]): boolean {
  const plain = new Set<unknown>();
  const written = new Set<string>();
  return items.every((item) => {
    if (typeof item !== 'object' || item === null) return plain.size < plain.add(item).size;
    return written.size < written.add(canonical(item)).size;
  });
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).toSorted();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}
