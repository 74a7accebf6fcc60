import { CodeInputError } from '../code-errors.js';
import type { CodeJob, CodeLanguage } from '../code-runner.js';

const NOT_FINITE = 'Values that are not numbers (NaN, infinity) became null.';
const BIG = 'Integers beyond 2^53 became strings.';

/** Names that can be set as a global variable but not read by one. */
const RESERVED: Readonly<Record<CodeLanguage, ReadonlySet<string>>> = {
  python: new Set(
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
      ' ',
    ),
  ),
  javascript: new Set(
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function globalThis if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield NaN Infinity console'.split(
      ' ',
    ),
  ),
};

/**
 * A job as the JSON that sandboxes read, with notes of what JSON could not carry.
 *
 * @throws CodeInputError for a variable that the language could not name or JSON not carry, and for too much of it
 */
export function jobRequest(
  { code, variables, language }: Pick<CodeJob, 'code' | 'variables' | 'language'>,
  { maxInputBytes, maxOutputBytes }: { readonly maxInputBytes: number; readonly maxOutputBytes: number },
  hint: string,
): { readonly request: Buffer; readonly notes: readonly string[] } {
  const notes = new Set<string>();
  const tooLarge = (size: number): CodeInputError =>
    new CodeInputError(`The code and its variables measure ${size} bytes; the limit is ${maxInputBytes}. Pass less.`);
  if (code.length > maxInputBytes) throw tooLarge(code.length);
  for (const name of Object.keys(variables)) requireName(name, language);
  let json: string;
  try {
    json = JSON.stringify(
      { code, variables, max: maxOutputBytes, hint },
      function (this: unknown, key, value: unknown) {
        return jsonValue(key, value, notes);
      },
    );
  } catch (error) {
    if (error instanceof CodeInputError) throw error;
    throw new CodeInputError('A variable contains itself, or is nested too deeply to become JSON.');
  }
  const request = Buffer.from(json);
  if (request.length > maxInputBytes + 1_024) throw tooLarge(request.length);
  return { request, notes: [...notes] };
}

function requireName(name: string, language: CodeLanguage): void {
  const pattern = language === 'python' ? /^[\p{L}_][\p{L}\p{N}_]{0,199}$/u : /^[\p{L}_$][\p{L}\p{N}_$]{0,199}$/u;
  if (pattern.test(name) && !RESERVED[language].has(name) && !name.startsWith('__')) return;
  throw new CodeInputError(
    `${JSON.stringify(name.slice(0, 100))} can't be the name of a variable of ${language} code. Rename it: letters, digits and _, no keyword, not beginning with a digit or __.`,
  );
}

function jsonValue(key: string, value: unknown, notes: Set<string>): unknown {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) notes.add(NOT_FINITE);
      return value;
    case 'bigint':
      if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
      notes.add(BIG);
      return String(value);
    case 'function':
    case 'symbol':
      throw notJson(key, `a ${typeof value}`);
    case 'object':
      if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
        throw notJson(key, `a ${value.constructor.name}`);
      }
      return value;
    default:
      return value;
  }
}

function notJson(key: string, what: string): CodeInputError {
  return new CodeInputError(
    `The variable with ${JSON.stringify(key.slice(0, 100))} holds ${what}, which JSON can't carry. Pass objects, arrays, texts, numbers, booleans or null.`,
  );
}
