import { ConditionFault } from './syntax.js';

/** A word of a condition. */
export interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end';
  readonly text: string;
  /** The unit of a number, `''` without one; of a `text`, what stands between the quotes. */
  readonly detail: string;
  /** From 1. */
  readonly at: number;
}

const WORD =
  /\s*(?:(?<number>\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,3})?)(?<unit>ms|s|m|h|d|%|KiB|MiB|GiB)?(?![A-Za-z_.])|(?<name>[A-Za-z_][A-Za-z0-9_:]*)|(?<text>"(?:[^"\\\n]|\\["\\])*"|'(?:[^'\\\n]|\\['\\])*')|(?<sign>[<>=!]=|=~|!~|[-+*/<>=(){}[\],]))/y;

/**
 * The words of a condition, with an `end` after the last.
 *
 * @throws ConditionFault for what is no word
 */
export function tokens(condition: string): readonly Token[] {
  const found: Token[] = [];
  const pattern = new RegExp(WORD);
  const length = condition.trimEnd().length;
  while (pattern.lastIndex < length) {
    const from = pattern.lastIndex;
    const groups = pattern.exec(condition)?.groups;
    if (groups === undefined) throw unreadable(condition, from);
    found.push(token(groups, pattern.lastIndex));
  }
  found.push({ kind: 'end', text: '', detail: '', at: length + 1 });
  return found;
}

function token({ number, unit = '', name, text, sign }: Record<string, string | undefined>, end: number): Token {
  if (number !== undefined)
    return { kind: 'number', text: number, detail: unit, at: end - number.length - unit.length + 1 };
  if (name !== undefined) return { kind: 'name', text: name, detail: '', at: end - name.length + 1 };
  if (text !== undefined) {
    const detail = text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
    return { kind: 'text', text, detail, at: end - text.length + 1 };
  }
  return { kind: 'sign', text: sign as string, detail: '', at: end - (sign as string).length + 1 };
}

function unreadable(condition: string, from: number): ConditionFault {
  const start = from + (/^\s*/.exec(condition.slice(from))?.[0].length ?? 0);
  const rest = condition.slice(start);
  const at = start + 1;
  if (/^["']/.test(rest)) return new ConditionFault(at, 'a text that does not end: close it with the same quote');
  if (/^[&|]/.test(rest)) return new ConditionFault(at, 'say `and` or `or`');
  if (/^\d/.test(rest)) {
    return new ConditionFault(
      at,
      `"${/^[\w.%]{1,20}/.exec(rest)?.[0]}" is no number: units are ms, s, m, h, d, %, KiB, MiB, GiB`,
    );
  }
  return new ConditionFault(at, `"${rest[0]}" has no meaning here`);
}
