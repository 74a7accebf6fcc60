import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { CompiledSchema, ParseResult } from './compiled-schema.js';
import { formatPath, type Fault } from './fault.js';
import { isObject } from './json-schema.js';
import { hasAtMost } from './value-size.js';

/**
 * Values up to this many are given to their library as they are. Libraries describe every fault of a value, 2 to 14 µs
 * each, so that a list of wrong items holds the process up the longer it is.
 */
export const LARGE = 10_000;

/** Of a large value, at most this many are looked at once more around a fault. */
const EXCERPT = 1_000;
/** Positions in a list may have a meaning up to here (tuples), so that they are kept. */
const LONGEST_TUPLE = 20;

/** Keywords that say how large something may be: broken, there is nothing to ask the library any more. */
const SIZES = new Set(['maxItems', 'maxProperties']);

/**
 * Keeps a library from describing every fault of a large value: the listed schema finds the first one, which takes it
 * no longer than reading, and the library judges that place alone. Only what both refuse is refused, so that a library
 * that takes more than it lists (text for numbers) does so at any size.
 *
 * @param listed - the listed schema, compiled when the first large value comes; `undefined` where ajv cannot.
 */
export function sparingLargeValues(
  parse: CompiledSchema['parse'],
  listed: () => ValidateFunction | undefined,
): CompiledSchema['parse'] {
  let found: { readonly check: ValidateFunction | undefined } | undefined;
  return (value) => {
    if (hasAtMost(value, LARGE)) return parse(value);
    found ??= { check: listed() };
    const { check } = found;
    if (check === undefined || check(value)) return parse(value);
    // The last error is the outermost: of a union itself, not of one of its branches.
    const error = check.errors?.at(-1);
    if (error === undefined) return parse(value);
    const place = segmentsOf(error.instancePath);
    if (SIZES.has(error.keyword))
      return { ok: false, faults: [{ path: formatPath(place), message: `${error.message}` }] };
    const excerpt = new Excerpt(place);
    const alone = parse(excerpt.of(value));
    const judge = (result: ParseResult): ParseResult | Promise<ParseResult> => {
      const faults = result.ok ? [] : excerpt.faultsInside(result.faults);
      return faults.length > 0 ? { ok: false, faults } : parse(value);
    };
    return alone instanceof Promise ? alone.then(judge) : judge(alone);
  };
}

/** One place of a value with what leads to it; whatever lies beside the way is cut short. */
class Excerpt {
  readonly #moved: string[] = [];
  #left = EXCERPT;

  constructor(private readonly place: readonly string[]) {}

  of(value: unknown, depth = 0): unknown {
    const key = this.place[depth];
    if (key === undefined) return this.#cut(value);
    if (Array.isArray(value)) {
      const index = Number(key);
      const before: unknown[] = index < LONGEST_TUPLE ? value.slice(0, index) : [];
      this.#moved.push(String(before.length));
      return [...before.map((entry) => this.#cut(entry)), this.of(value[index], depth + 1)];
    }
    this.#moved.push(key);
    if (!isObject(value)) return value;
    // First, as only so many faults are described.
    const inner = this.of(value[key], depth + 1);
    const beside = firstMembers(value, EXCERPT).filter(([name]) => name !== key);
    return Object.fromEntries([[key, inner], ...beside.map(([name, entry]) => [name, this.#cut(entry)])]);
  }

  /** Faults of the place and below it, under the path that they have in the whole. */
  faultsInside(faults: readonly Fault[]): readonly Fault[] {
    const here = formatPath(this.#moved);
    const there = formatPath(this.place);
    return faults.flatMap(({ path, message }) =>
      path.startsWith(here) ? [{ path: there + path.slice(here.length), message }] : [],
    );
  }

  #cut(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    this.#left--;
    const room = Math.max(0, this.#left);
    if (Array.isArray(value)) {
      const entries = (value as unknown[]).slice(0, room);
      this.#left -= entries.length;
      return entries.map((entry) => this.#cut(entry));
    }
    const members = firstMembers(value, room);
    this.#left -= members.length;
    return Object.fromEntries(members.map(([name, entry]) => [name, this.#cut(entry)]));
  }
}

function firstMembers(value: object, limit: number): readonly (readonly [string, unknown])[] {
  const members: (readonly [string, unknown])[] = [];
  for (const name in value) {
    if (members.length >= limit) break;
    members.push([name, (value as Readonly<Record<string, unknown>>)[name]]);
  }
  return members;
}

function segmentsOf(instancePath: string): readonly string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
