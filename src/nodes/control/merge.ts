import { ToolError } from '../../core/index.js';

/** How inputs become one value. */
export type MergeMode = 'concat' | 'object' | 'zip' | 'first';

type Inputs = Readonly<Record<string, unknown>>;

/**
 * One value of several inputs, in their order. An input of a branch that was not taken is not among them.
 *
 * - `concat`: the elements of all lists, one after the other
 * - `object`: each input under its name
 * - `zip`: the first elements of all lists as one object by the inputs' names, then the second ones …
 * - `first`: the first that is not null; null where all are
 *
 * @throws ToolError naming the input that is no list, or the lengths that differ; or when there are no inputs at all
 */
export function merged(mode: MergeMode, inputs: Inputs): unknown {
  const entries = Object.entries(inputs);
  if (entries.length === 0) throw new ToolError('MergeNode has no inputs. Connect outputs of other nodes to it.');
  switch (mode) {
    case 'concat':
      return listsOf(entries, mode).flatMap(([, list]) => list);
    case 'object':
      return Object.fromEntries(entries);
    case 'zip':
      return zipped(listsOf(entries, mode));
    default:
      return entries.find(([, value]) => value !== null && value !== undefined)?.[1] ?? null;
  }
}

type NamedList = readonly [name: string, list: readonly unknown[]];

function listsOf(entries: readonly [string, unknown][], mode: MergeMode): readonly NamedList[] {
  return entries.map(([name, value]) => {
    if (Array.isArray(value)) return [name, value as readonly unknown[]];
    throw new ToolError(`The input "${name.slice(0, 64)}" is no list; the mode ${mode} takes lists. Try \`object\`.`);
  });
}

function zipped(lists: readonly NamedList[]): readonly Readonly<Record<string, unknown>>[] {
  const length = lists[0]?.[1].length ?? 0;
  if (lists.some(([, list]) => list.length !== length)) {
    const lengths = lists.map(([name, list]) => `${name.slice(0, 64)} ${list.length}`).join(', ');
    throw new ToolError(`The mode zip takes lists of one length; these have: ${lengths}.`);
  }
  return Array.from({ length }, (_, index) => Object.fromEntries(lists.map(([name, list]) => [name, list[index]])));
}
