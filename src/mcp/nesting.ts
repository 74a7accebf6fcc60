/** The most levels of a message. Whatever handles it may recurse over it: validators, digests, JSON itself. */
export const MAX_NESTING = 512;

/** Whether a value is nested more deeply than that. It descends no further itself, so no depth can exhaust the stack. */
export function isNestedTooDeeply(value: unknown, levels = MAX_NESTING): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const entry of value as unknown[]) {
      if (typeof entry === 'object' && isNestedTooDeeply(entry, levels - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof member === 'object' && isNestedTooDeeply(member, levels - 1)) return true;
  }
  return false;
}
