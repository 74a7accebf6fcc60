import type { z } from 'zod';
import { describeExpected, describeGot } from './expectation.js';
import type { Located } from './located.js';
import type { ObjectNode, SchemaNode } from './schema-node.js';
import { nodeAt, propertiesOf, settableByVariable } from './schema-walk.js';
import { closest } from '../core/index.js';
import { variableName } from './variable-name.js';

/** What was read, before and after its origins were taken off. */
export interface ReadValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly merged: Located;
  readonly tree: ObjectNode;
  /** Every file could be read. */
  readonly complete: boolean;
}

/** What a schema says against a value. */
export interface SchemaFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly suggestion?: readonly PropertyKey[] | undefined;
  readonly missing?: boolean | undefined;
}

/** Says an issue of zod in the words of the configuration. The value itself is never quoted. */
export function schemaFaults(
  issue: z.core.$ZodIssue,
  above: readonly PropertyKey[],
  read: ReadValues,
): readonly SchemaFault[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, nodeAt(read.tree, path)));
    case 'invalid_union': {
      const branch = valueAt(read.values, path) === undefined ? undefined : likeliestBranch(issue.errors);
      if (branch !== undefined) return branch.flatMap((inner) => schemaFaults(inner, path, read));
      return [issue.errors.length === 0 ? { path, message: sentence(issue.message) } : expectation(path, issue, read)];
    }
    case 'invalid_type':
    case 'invalid_value':
      return [expectation(path, issue, read)];
    case 'too_small':
    case 'too_big':
      return [{ path, message: outOfRange(path, issue.message, read) }];
    case 'custom':
      return [{ path, message: issue.message }];
    default:
      return [{ path, message: sentence(issue.message) }];
  }
}

function expectation(path: readonly PropertyKey[], issue: z.core.$ZodIssue, { values, tree }: ReadValues): SchemaFault {
  const node = nodeAt(tree, path);
  const value = valueAt(values, path);
  if (node === undefined) return { path, message: sentence(issue.message) };
  if (value === undefined) return { path, message: missing(path, node, tree), missing: true };
  const quote = node.kind === 'string' && typeof value === 'number' ? '; put it in quotes' : '';
  return { path, message: `expected ${describeExpected(node)}, got ${describeGot(value)}${quote}` };
}

function outOfRange(path: readonly PropertyKey[], message: string, { tree }: ReadValues): string {
  const node = nodeAt(tree, path);
  return node?.kind === 'number' ? `expected ${describeExpected(node)}` : sentence(message);
}

function missing(path: readonly PropertyKey[], node: SchemaNode, tree: ObjectNode): string {
  const what = node.secret ? 'is missing, a secret' : `is missing: expected ${describeExpected(node)}`;
  if (!settableByVariable(tree, path)) return what;
  const variable = variableName(path.map(String));
  if (node.secret) return `${what}: set ${variable}, or ${variable}_FILE to the path of a file that holds it`;
  return `${what}; set it in a file or as ${variable}`;
}

function unknownKey(group: readonly PropertyKey[], key: string, node: SchemaNode | undefined): SchemaFault {
  const sibling = node && closest(key, propertiesOf(node).keys());
  const suggestion = sibling === undefined ? undefined : [...group, sibling];
  return { path: [...group, key], message: 'is not a known key', suggestion };
}

/** Of the options of a union, the one that got furthest into the value: its faults are those worth telling. */
function likeliestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const gotInside = (issue: z.core.$ZodIssue) => issue.path.length > 0 || issue.code === 'unrecognized_keys';
  return branches.filter((issues) => issues.every(gotInside)).toSorted((a, b) => a.length - b.length)[0];
}

/** zod's sentence as the continuation of a path: `expected string to have >=32 characters`. */
function sentence(message: string): string {
  const text = message.replace(/^(Invalid input|Too small|Too big|Invalid option): /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, segment) => {
    return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[segment] : undefined;
  }, values);
}
