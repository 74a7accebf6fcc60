import { describeExpected } from './expectation.js';
import type { FaultList } from './fault-list.js';
import { interpolate, type VariableLookup } from './interpolate.js';
import { isGroup, isList, type Located } from './located.js';
import { parseText } from './parse-text.js';
import type { ObjectNode, SchemaNode } from './schema-node.js';
import { below, propertiesOf } from './schema-walk.js';
import { closest } from '../core/index.js';

/** A part that could not be resolved and is left out; the fault is on the list already. */
const LEFT_OUT = Symbol('left out');

/**
 * Turns merged layers into plain values for the schemas: `${NAME}` is replaced, and what it gives is read as the schema
 * expects; an empty group is an empty object; an unknown key is a fault and left out.
 */
export function resolveValues(
  located: Located,
  tree: ObjectNode,
  lookup: VariableLookup,
  faults: FaultList,
): Record<string, unknown> {
  const values = new Resolver(tree, lookup, faults).resolve(located, tree, []);
  return typeof values === 'object' ? (values as Record<string, unknown>) : {};
}

class Resolver {
  constructor(
    private readonly tree: ObjectNode,
    private readonly lookup: VariableLookup,
    private readonly faults: FaultList,
  ) {}

  resolve({ value, origin }: Located, node: SchemaNode | undefined, path: readonly PropertyKey[]): unknown {
    if (isList(value)) {
      const items = value.map((item, index) => this.resolve(item, node && below(node, index), [...path, index]));
      return items.map((item) => (item === LEFT_OUT ? undefined : item));
    }
    if (isGroup(value)) {
      const entries = [...value].map(([key, inner]) => [key, this.#key(key, inner, node, [...path, key])] as const);
      return Object.fromEntries(entries.filter(([, inner]) => inner !== LEFT_OUT));
    }
    if (value === null && node !== undefined && isGroupNode(node) && !node.nullable) return {};
    if (typeof value !== 'string' || !origin.interpolated) return value;
    return this.#text(value, origin.label, node, path);
  }

  #key(key: string, inner: Located, node: SchemaNode | undefined, path: readonly PropertyKey[]): unknown {
    if (node?.kind === 'object' && !node.open && !node.properties.has(key)) {
      this.faults.add(path, 'is not a known key', inner.origin.label, this.#suggest(key, node, path));
      return LEFT_OUT;
    }
    return this.resolve(inner, node && below(node, key), path);
  }

  #text(text: string, origin: string, node: SchemaNode | undefined, path: readonly PropertyKey[]): unknown {
    const interpolated = interpolate(text, this.lookup);
    if (!interpolated.ok) {
      interpolated.faults.forEach((fault) => this.faults.add(path, fault, origin));
      return LEFT_OUT;
    }
    if (!interpolated.replaced || node === undefined) return interpolated.text;
    const parsed = parseText(node, interpolated.text);
    if (parsed.ok) return parsed.value;
    this.faults.add(path, `expected ${describeExpected(node)} after its \${…} is replaced`, origin);
    return LEFT_OUT;
  }

  /** A sibling with nearly this name, else the same name elsewhere (`port` at the top is `server.port`). */
  #suggest(key: string, node: ObjectNode, path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
    const sibling = closest(key, node.properties.keys());
    return sibling === undefined ? findKey(this.tree, key) : [...path.slice(0, -1), sibling];
  }
}

function isGroupNode(node: SchemaNode): boolean {
  return node.kind === 'object' || node.kind === 'record';
}

function findKey(node: SchemaNode, wanted: string, path: readonly string[] = []): readonly string[] | undefined {
  for (const [key, inner] of propertiesOf(node)) {
    const here = [...path, key];
    const found = key === wanted ? here : findKey(inner, wanted, here);
    if (found !== undefined) return found;
  }
  return undefined;
}
