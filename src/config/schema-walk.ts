import type { SchemaNode } from './schema-node.js';

/** A key that several options of a union have, perhaps with different schemas. */
export function either(first: SchemaNode, second: SchemaNode): SchemaNode {
  const { description, nullable, fallback } = first;
  if (first.kind === 'enum' && second.kind === 'enum') {
    return {
      ...first,
      values: [...new Set([...first.values, ...second.values])],
      secret: first.secret || second.secret,
    };
  }
  return {
    kind: 'union',
    options: [first, second],
    properties: new Map([...propertiesOf(first), ...propertiesOf(second)]),
    secret: first.secret || second.secret,
    required: first.required && second.required,
    description,
    nullable,
    fallback,
  };
}

/** The keys that may stand below a node. */
export function propertiesOf(node: SchemaNode): ReadonlyMap<string, SchemaNode> {
  return node.kind === 'object' || node.kind === 'union' ? node.properties : new Map();
}

/** Whether the names of a map are secrets, as in the short form of API keys. */
export function hasSecretKeys(node: SchemaNode): boolean {
  if (node.kind === 'union') return node.options.some(hasSecretKeys);
  return node.kind === 'record' && node.secretKeys;
}

/** Whether an environment variable can set this key: not inside maps and lists. */
export function settableByVariable(tree: SchemaNode, path: readonly PropertyKey[]): boolean {
  let node: SchemaNode | undefined = tree;
  for (const segment of path) {
    node = node && propertiesOf(node).get(String(segment));
  }
  return node !== undefined && node.kind !== 'object' && node.kind !== 'record';
}

/** The node at a path of keys and indexes; `undefined` where the schema knows none. */
export function nodeAt(tree: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = tree;
  for (const segment of path) {
    if (node === undefined) return undefined;
    node = below(node, segment);
  }
  return node;
}

/** One step down: a key of a group, any name of a map, any index of a list. */
export function below(node: SchemaNode, segment: PropertyKey): SchemaNode | undefined {
  switch (node.kind) {
    case 'object':
      return node.properties.get(String(segment));
    case 'union':
      return node.options
        .map((option) => below(option, segment))
        .filter((option) => option !== undefined)
        .reduce<SchemaNode | undefined>(
          (known, option) => (known === undefined ? option : either(known, option)),
          undefined,
        );
    case 'record':
    case 'array':
      return node.element;
    default:
      return undefined;
  }
}
