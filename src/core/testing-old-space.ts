import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What keeps entries that come and go. */
export interface Keeping<T> {
  readonly make: (payload: unknown) => T;
  readonly add: (entry: T) => void;
  readonly remove: (entry: T) => void;
}

const ENTRIES = 40_000;
/** With about 500 bytes an entry: 20 MB in all. */
const WORDS = 60;
const COLLECT_EVERY = 2_000;

/**
 * Bytes by which old space grows while many entries come and go, so many under way at once, and only young objects are
 * collected: what of them is held by something old.
 */
export function oldBytesOf<T>({ make, add, remove }: Keeping<T>, underWay = 50): number {
  const collect = collector();
  // What is here from the start has grown old then.
  collect();
  collect();
  const before = oldBytes();
  const current: T[] = [];
  for (let index = 0; index < ENTRIES; index++) {
    const entry = make(Array.from({ length: WORDS }, () => index));
    add(entry);
    current.push(entry);
    if (current.length > underWay) remove(current.shift() as T);
    if (index % COLLECT_EVERY === 0) collect({ type: 'minor' });
  }
  return oldBytes() - before;
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;
}

function collector(): (options?: { readonly type: 'minor' }) => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
}
