import type { NumberNode, SchemaNode } from './schema-node.js';

/** What a key takes, as the continuation of "expected": `a whole number from 1 to 65535`. */
export function describeExpected(node: SchemaNode): string {
  switch (node.kind) {
    case 'object':
      return 'a group of keys';
    case 'record':
      return 'a map of names';
    case 'array':
      return `a list of ${plural(node.element)}`;
    case 'enum':
      return node.values.length === 1 ? String(node.values[0]) : `one of ${node.values.map(String).join(', ')}`;
    case 'union':
      return [...new Set(node.options.map(describeExpected))].join(' or ');
    case 'boolean':
      return 'true or false';
    case 'number':
      return `${node.integer ? 'a whole number' : 'a number'}${describeRange(node)}`;
    case 'string':
      return 'text';
    default:
      return 'another value';
  }
}

function describeRange({ minimum, maximum, above, below }: NumberNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    minimum !== undefined && `of at least ${minimum}`,
    above !== undefined && `above ${above}`,
    maximum !== undefined && `of at most ${maximum}`,
    below !== undefined && `below ${below}`,
  ].filter((bound) => bound !== false);
  return bounds.map((bound) => ` ${bound}`).join(' and');
}

function plural(element: SchemaNode): string {
  switch (element.kind) {
    case 'string':
      return 'texts';
    case 'number':
      return element.integer ? 'whole numbers' : 'numbers';
    case 'object':
      return 'groups of keys';
    case 'enum':
      return element.values.map(String).join(', ');
    default:
      return 'values';
  }
}

/** What a value is, as the continuation of "got". Never the value itself. */
export function describeGot(value: unknown): string {
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty text' : 'text';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'a group of keys';
  }
}
