import { isGroup, type Located } from './located.js';

/**
 * Lays one layer of configuration over another: groups are merged key by key, everything else (lists too) is replaced.
 *
 * A group that is empty in YAML (`server:` with nothing below it) is `null`; it changes nothing.
 */
export function merge(lower: Located, upper: Located): Located {
  if (!isGroup(lower.value)) return upper;
  if (upper.value === null) return lower;
  if (!isGroup(upper.value)) return upper;
  const merged = new Map(lower.value);
  for (const [key, value] of upper.value) {
    const below = merged.get(key);
    merged.set(key, below === undefined ? value : merge(below, value));
  }
  return { origin: upper.origin, value: merged };
}
