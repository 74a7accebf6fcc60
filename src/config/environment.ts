import { describeExpected } from './expectation.js';
import type { FaultList } from './fault-list.js';
import { emptyLayer, locate, locateAt, type Located, type Origin } from './located.js';
import { merge } from './merge.js';
import { parseText } from './parse-text.js';
import type { ObjectNode, SchemaNode } from './schema-node.js';
import { RESERVED_VARIABLES, VARIABLE_PREFIX } from './variable-name.js';
import { findVariableTarget } from './variable-target.js';

/** The text of a file, or why there is none. */
export type FileText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/**
 * Maps `ROOKERY_<SECTION>__<KEY>` to the keys of the schema; what can't be mapped is a fault.
 *
 * @returns the layer of the variables and, above it, the layer of the files that `…_FILE` variables name
 */
export function readEnvironment(
  tree: ObjectNode,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => FileText,
  faults: FaultList,
): readonly [variables: Located, files: Located] {
  let variables = emptyLayer();
  let files = emptyLayer();
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !name.startsWith(VARIABLE_PREFIX) || RESERVED_VARIABLES.has(name)) continue;
    const target = findVariableTarget(tree, name);
    if ('refusal' in target) {
      faults.addGeneral({ path: '', origin: name, message: target.refusal, suggestion: target.suggestion });
      continue;
    }
    const content = target.fromFile ? readFile(text) : { ok: true as const, text };
    if (!content.ok) {
      faults.add(target.path, content.reason, name);
      continue;
    }
    const layer = readLeaf(target.path, target.node, content.text, name, faults);
    if (target.fromFile) files = merge(files, layer);
    else variables = merge(variables, layer);
  }
  return [variables, files];
}

/** Turns text from outside the files into a layer with one key, or with none and a fault on the list. */
export function readLeaf(
  path: readonly string[],
  node: SchemaNode,
  text: string,
  label: string,
  faults: FaultList,
): Located {
  const origin: Origin = { label, interpolated: false };
  const parsed = parseText(node, text);
  if (parsed.ok) return locateAt(path, locate(parsed.value, origin));
  faults.add(path, `expected ${describeExpected(node)}`, label);
  return emptyLayer();
}
