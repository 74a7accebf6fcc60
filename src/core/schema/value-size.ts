import { isObject } from './json-schema.js';

/** Whether a value consists of at most so many values, itself included. Looks no further, and does not recurse. */
export function hasAtMost(value: unknown, limit: number): boolean {
  const pending: unknown[] = [value];
  for (let seen = 0; pending.length > 0; seen++) {
    if (seen + pending.length > limit) return false;
    const node = pending.pop();
    const inner: readonly unknown[] | undefined = Array.isArray(node)
      ? (node as unknown[])
      : isObject(node)
        ? Object.values(node)
        : undefined;
    if (inner === undefined) continue;
    if (seen + pending.length + inner.length >= limit) return false;
    for (const entry of inner) pending.push(entry);
  }
  return true;
}

/** How many objects a value holds, lists not counted; stops above a limit. Its depth must be bounded by the caller. */
export function countObjects(value: unknown, limit: number): number {
  let objects = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || objects > limit) return;
    if (!Array.isArray(node)) objects++;
    for (const entry of Array.isArray(node) ? (node as unknown[]) : Object.values(node)) visit(entry);
  };
  visit(value);
  return objects;
}
