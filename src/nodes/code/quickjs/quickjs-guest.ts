/**
 * Evaluated in QuickJS before the job's own code: gives `console`, and the function that turns a result into JSON. It
 * holds on to the intrinsics it needs, so that nothing the job does to them changes what is reported.
 */
export const QUICKJS_GUEST = String.raw`
((print) => {
  'use strict';
  const { stringify } = JSON;
  const { isArray, from: arrayFrom } = Array;
  const { isFinite: finite, isSafeInteger } = Number;
  const { isView } = ArrayBuffer;
  const text = (value) => {
    if (typeof value === 'string') return value;
    try {
      return value instanceof Error ? value.name + ': ' + value.message : (stringify(value) ?? String(value));
    } catch {
      return String(value);
    }
  };
  const line = (channel) => (...values) => print(channel, values.map(text).join(' ') + '\n');
  globalThis.console = { log: line(1), info: line(1), debug: line(1), error: line(2), warn: line(2) };

  class NotJson extends Error {}
  const notes = new Set();
  const plain = (value, path, depth) => {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (finite(value)) return value;
        notes.add('Values that are not numbers (NaN, infinity) became null.');
        return null;
      case 'bigint': {
        const number = Number(value);
        if (isSafeInteger(number)) return number;
        notes.add('Integers beyond 2^53 became strings.');
        return String(value);
      }
      case 'undefined':
        return null;
      case 'function':
      case 'symbol':
        throw new NotJson(path + ' is of type ' + typeof value + ', which is not JSON');
    }
    if (value === null) return null;
    if (depth > 200) throw new NotJson(path.slice(0, 200) + ' is nested deeper than 200 levels, or contains itself');
    if (value instanceof Date) return isNaN(value) ? null : value.toISOString();
    if (value instanceof Error) return { name: String(value.name), message: String(value.message) };
    if (value instanceof Promise) throw new NotJson(path + ' is a promise that never settled');
    if (value instanceof Set || (isView(value) && !(value instanceof DataView))) value = arrayFrom(value);
    if (isArray(value)) return arrayFrom(value, (item, index) => plain(item, path + '[' + index + ']', depth + 1));
    if (value instanceof WeakMap || value instanceof RegExp || value instanceof ArrayBuffer)
      throw new NotJson(path + ' is of type ' + value.constructor.name + ', which is not JSON');
    const members = {};
    const entries = value instanceof Map ? value : Object.entries(value);
    for (const [key, member] of entries) {
      if (member === undefined) continue;
      const name = String(key);
      Object.defineProperty(members, name, {
        value: plain(member, path + '[' + stringify(name) + ']', depth + 1),
        enumerable: true,
        configurable: true,
      });
    }
    return members;
  };
  return (value) => {
    try {
      if (value === undefined) notes.add('The code did not set the variable result, and its last statement has no value.');
      return '{"kind":"ok","result":' + stringify(plain(value, 'result', 0)) + ',"notes":' + stringify(arrayFrom(notes)) + '}';
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      return stringify({ kind: 'error', fault: { type: 'NotSerialisable', message: error.message } });
    }
  };
})
`;
