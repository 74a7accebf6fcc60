import { hash } from 'node:crypto';

/** What canonical text cannot be made of, so that nothing can be kept under it. */
export class NotCanonicalError extends Error {
  override readonly name = 'NotCanonicalError';
}

/** Deeper arguments are not worth keeping, and cycles end here. */
const DEEPEST = 64;

/**
 * One text for everything that is the same to a handler, another for everything that is not.
 *
 * The order of members does not matter; a member that is `undefined` is as good as absent. `-0`, `NaN`, infinities,
 * bigints, dates, bytes, maps, sets and URLs differ from every string and number.
 *
 * @throws NotCanonicalError for what may hold more than can be seen: functions, symbols, unknown classes
 */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return text(value, 0, false);
  // Nearly all arguments are: what else they could be need not be asked of them.
  if (Object.getPrototypeOf(value) === Object.prototype) return members(value, 0, false);
  return text(value, 0, isInstance(value));
}

/** @param instances - whether instances of classes are seen whole: within a DTO, which is made of its members */
function text(value: unknown, depth: number, instances: boolean): string {
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'number':
      return Object.is(value, -0) ? '#-0' : Number.isFinite(value) ? String(value) : `#${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return '#undefined';
    case 'bigint':
      return `#${value}n`;
    case 'object':
      return value === null ? 'null' : objectText(value, depth, instances);
    default:
      throw new NotCanonicalError(`a ${typeof value} has no canonical text`);
  }
}

/**
 * Its length says where a string ends, so that nothing in it needs an escape. Only lone surrogates do, as no two of them
 * differ once they are UTF-8.
 */
function stringText(value: string): string {
  return value.isWellFormed() ? `'${value.length}:${value}` : JSON.stringify(value);
}

function objectText(value: object, depth: number, instances: boolean): string {
  if (depth >= DEEPEST) throw new NotCanonicalError(`more than ${DEEPEST} levels deep`);
  const list = (values: Iterable<unknown>): string =>
    `[${Array.from(values, (entry) => text(entry, depth + 1, instances)).join()}]`;
  if (Array.isArray(value)) return list(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return members(value, depth, instances);
  if (value instanceof Date) return `#date(${value.getTime()})`;
  if (value instanceof URL) return `#url(${stringText(value.href)})`;
  if (value instanceof Map) return `#map${list(value)}`;
  if (value instanceof Set) return `#set${list(value)}`;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `#${value.constructor.name}(${hash('sha256', bytes, 'base64url')})`;
  }
  if (!instances || !isInstance(value)) throw new NotCanonicalError(`an instance of ${value.constructor.name}`);
  return `#${JSON.stringify(value.constructor.name)}${members(value, depth, instances)}`;
}

function members(value: object, depth: number, instances: boolean): string {
  const names = Object.keys(value);
  if (names.length > 1) names.sort();
  let joined = '';
  for (const name of names) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (member === undefined) continue;
    joined += `${stringText(name)}:${text(member, depth + 1, instances)},`;
  }
  return `{${joined}}`;
}

/** Whether a value is an object of a class of somebody's, rather than one of the language's. */
function isInstance(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Object.prototype.toString.call(value) !== '[object Object]') {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}
