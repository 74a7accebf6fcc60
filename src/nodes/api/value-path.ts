import { isObject } from '../../core/index.js';

/** What stands at `data.items[0].name` of a value; `undefined` where nothing does. The empty path is the value itself. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const segment of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (Array.isArray(found)) found = /^\d+$/.test(segment) ? (found[Number(segment)] as unknown) : undefined;
    else if (isObject(found) && Object.hasOwn(found, segment)) found = found[segment];
    else return undefined;
  }
  return found;
}
