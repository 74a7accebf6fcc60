/** One way in which a value breaks its schema. */
export interface Fault {
  /** `items[2].name`; empty for the value itself. */
  readonly path: string;
  /** What was expected, as the continuation of the path. Never quotes the value. */
  readonly message: string;
}

/** At most this many faults are reported of one value, so that an answer stays readable and bounded. */
export const MAX_FAULTS = 20;

/** Longer names are cut: a caller chooses the names of unknown properties. */
const LONGEST_NAME = 64;

/** Joins path segments: names with dots, indexes in brackets, anything else quoted. */
export function formatPath(segments: Iterable<PropertyKey>): string {
  let path = '';
  for (const segment of segments) {
    const text = String(segment).slice(0, LONGEST_NAME);
    if (/^\d+$/.test(text)) path += `[${text}]`;
    else if (/^[\w$-]+$/.test(text)) path += path === '' ? text : `.${text}`;
    else path += `[${JSON.stringify(text)}]`;
  }
  return path;
}
