import type { ObjectNode, SchemaNode } from './schema-node.js';
import { propertiesOf } from './schema-walk.js';
import { closest } from '../core/index.js';
import { RESERVED_VARIABLES, VARIABLE_PREFIX, screamingSnake, variableName } from './variable-name.js';

/** The key that a variable sets. */
export interface VariableTarget {
  readonly path: readonly string[];
  readonly node: SchemaNode;
  /** The variable holds the path of a file, and the file the value. */
  readonly fromFile: boolean;
}

/** Why a variable sets nothing. */
export interface VariableRefusal {
  readonly refusal: string;
  readonly suggestion?: string | undefined;
}

/** Finds the key of `ROOKERY_<SECTION>__<KEY>` in the schema. */
export function findVariableTarget(tree: ObjectNode, variable: string): VariableTarget | VariableRefusal {
  const words = variable.slice(VARIABLE_PREFIX.length).split('__');
  let target: VariableTarget = { path: [], node: tree, fromFile: false };
  for (const [index, word] of words.entries()) {
    if (target.node.kind === 'record') break;
    const next = step(target, word, index === words.length - 1);
    if (next === undefined) return unknown(tree, variable);
    target = next;
  }
  const path = target.path.join('.');
  if (target.node.kind === 'record') return { refusal: `would set ${path}, a map, which is set in files only` };
  if (target.node.kind !== 'object') return target;
  const [example] = target.node.properties.keys();
  const hint = example === undefined ? '' : `; set its keys, as ${variableName([...target.path, example])}`;
  return { refusal: `would set ${path}, which is a group of keys${hint}` };
}

/** One word further. A key that really ends in `file` is meant before the content of a file is. */
function step({ path, node }: VariableTarget, word: string, last: boolean): VariableTarget | undefined {
  const find = (wanted: string, fromFile: boolean): VariableTarget | undefined => {
    const found = [...propertiesOf(node)].find(([key]) => screamingSnake(key) === wanted);
    return found && { path: [...path, found[0]], node: found[1], fromFile };
  };
  return find(word, false) ?? (last && word.endsWith('_FILE') ? find(word.slice(0, -'_FILE'.length), true) : undefined);
}

function unknown(tree: ObjectNode, variable: string): VariableRefusal {
  const suggestion = closest(variable, [...variableNames(tree), ...RESERVED_VARIABLES]);
  return { refusal: 'is not a variable that sets a known key', suggestion };
}

/** Every variable that may be set, groups and maps left out. */
function* variableNames(node: SchemaNode, path: readonly string[] = []): Generator<string> {
  for (const [key, inner] of propertiesOf(node)) {
    const here = [...path, key];
    if (inner.kind !== 'object' && inner.kind !== 'record') yield variableName(here);
    yield* variableNames(inner, here);
  }
}
