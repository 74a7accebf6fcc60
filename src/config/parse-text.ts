import { FORBIDDEN_KEYS } from './located.js';
import type { ArrayNode, EnumNode, SchemaNode, UnionNode } from './schema-node.js';

/** What a text means to a schema; a text that means nothing is not a value. */
export type ParsedText = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const NOT_PARSED: ParsedText = { ok: false };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Turns the text of an environment variable into what the schema expects there. */
export function parseText(node: SchemaNode, text: string): ParsedText {
  switch (node.kind) {
    case 'string':
      return { ok: true, value: text };
    case 'boolean':
      return parseBoolean(text);
    case 'number':
      return parseNumber(text);
    case 'enum':
      return parseEnum(node, text);
    case 'array':
      return parseList(node, text);
    case 'union':
      return parseUnion(node, text);
    case 'object':
    case 'record':
      return parseJson(text, '{');
    default: {
      const json = parseJson(text);
      return json.ok ? json : { ok: true, value: text };
    }
  }
}

function parseBoolean(text: string): ParsedText {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === '1') return { ok: true, value: true };
  return word === 'false' || word === '0' ? { ok: true, value: false } : NOT_PARSED;
}

/** Decimal only: an empty text is not zero, and `0x10` is more likely a mistake than sixteen. */
function parseNumber(text: string): ParsedText {
  const number = Number(text);
  return NUMBER.test(text.trim()) && Number.isFinite(number) ? { ok: true, value: number } : NOT_PARSED;
}

function parseEnum(node: EnumNode, text: string): ParsedText {
  const value = node.values.find((candidate) => String(candidate) === text.trim());
  return value === undefined ? NOT_PARSED : { ok: true, value };
}

/** `["a", "b"]`, or `a, b` where the elements are not groups themselves. */
function parseList(node: ArrayNode, text: string): ParsedText {
  if (text.trimStart().startsWith('[')) return parseJson(text, '[');
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const values: unknown[] = [];
  for (const item of items) {
    const parsed = parseText(node.element, item);
    if (!parsed.ok) return NOT_PARSED;
    values.push(parsed.value);
  }
  return { ok: true, value: values };
}

/** What is more exact comes first; text is what is left. A comma makes a list only where text is not an option. */
function parseUnion(node: UnionNode, text: string): ParsedText {
  const json = /^\s*[[{]/.test(text);
  const takesText = node.options.some((option) => option.kind === 'string');
  for (const kind of ['enum', 'boolean', 'number', 'union', 'array', 'record', 'object', 'string', 'other'] as const) {
    for (const option of node.options) {
      if (option.kind !== kind) continue;
      if (kind === 'array' && takesText && !json) continue;
      const parsed = parseText(option, text);
      if (parsed.ok) return parsed;
    }
  }
  return NOT_PARSED;
}

function parseJson(text: string, start?: '[' | '{'): ParsedText {
  if (start !== undefined && !text.trimStart().startsWith(start)) return NOT_PARSED;
  try {
    const value: unknown = JSON.parse(text, (key, inner: unknown) => {
      if (FORBIDDEN_KEYS.has(key)) throw new SyntaxError('forbidden key');
      return inner;
    });
    return { ok: true, value };
  } catch {
    return NOT_PARSED;
  }
}
