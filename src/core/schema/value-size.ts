import { isObject } from './json-schema.js';

/** Whether a value consists of at most so many values, itself included. Looks no further, and does not recurse. */
export function hasAtMost(value: unknown, limit: number): boolean {
  const pending: unknown[] = [value];
  for (let seen = 0; pending.length > 0; seen++) {
    if (seen + pending.length > limit) return false;
    const node = pending.pop();
    if (Array.isArray(node)) {
      if (node.length > limit) return false;
      pending.push(...(node as unknown[]));
    } else if (isObject(node)) {
      // Not Object.values: of a huge object it makes a list in three times the time.
      for (const name in node) {
        if (pending.push(node[name]) > limit) return false;
      }
    }
  }
  return true;
}

/** How many objects a value holds, lists not counted; stops above a limit. Its depth must be bounded by the caller. */
export function countObjects(value: unknown, limit: number): number {
  let objects = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || objects > limit) return;
    if (!Array.isArray(node)) objects++;
    if (Array.isArray(node)) for (const entry of node as unknown[]) visit(entry);
    else for (const name in node) visit((node as Readonly<Record<string, unknown>>)[name]);
  };
  visit(value);
  return objects;
}
