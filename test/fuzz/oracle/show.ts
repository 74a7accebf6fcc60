import { inspect } from 'node:util';

/** A value as a finding shows it; however deep it is. */
export function show(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 300 }).slice(0, 800);
}
