import { ToolError } from '../../../core/index.js';

const SEGMENT = /([^.[\]]+)|\[(\d{1,9})\]|\["((?:[^"\\]|\\.)*)"\]|\[\*\]/y;

type Step = { readonly name: string } | { readonly index: number } | 'each';

/**
 * What a path leads to: `orders[0].lines`, `["a.b"].c`, `$.orders[*].id` (every element's, as a list).
 *
 * @throws ToolError for a path that is written wrongly, or leads nowhere, saying how far it got
 */
export function atPath(value: unknown, path: string): unknown {
  const steps = parsePath(path);
  return follow(value, steps, 0);
}

function parsePath(path: string): readonly Step[] {
  const steps: Step[] = [];
  let position = path.startsWith('$') ? 1 : 0;
  while (position < path.length) {
    if (path[position] === '.' && position > 0) position++;
    SEGMENT.lastIndex = position;
    const found = SEGMENT.exec(path);
    if (found === null) throw new ToolError(`The path is wrong at position ${position}: expected a name or [index].`);
    const [, plain, index, quoted] = found;
    if (index !== undefined) steps.push({ index: Number(index) });
    else if (plain !== undefined) steps.push({ name: plain });
    else if (quoted !== undefined) steps.push({ name: unquoted(quoted) });
    else steps.push('each');
    position = SEGMENT.lastIndex;
  }
  return steps;
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function follow(value: unknown, steps: readonly Step[], at: number): unknown {
  const step = steps[at];
  if (step === undefined) return value;
  if (step === 'each') {
    if (!Array.isArray(value)) throw nowhere(steps, at, 'there is no list');
    return value.map((element: unknown) => follow(element, steps, at + 1));
  }
  if ('index' in step) {
    if (!Array.isArray(value)) throw nowhere(steps, at, 'there is no list');
    if (step.index >= value.length) throw nowhere(steps, at, `the list has ${value.length} elements`);
    return follow(value[step.index], steps, at + 1);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step.name)) {
    throw nowhere(steps, at, 'there is no such name');
  }
  return follow((value as Record<string, unknown>)[step.name], steps, at + 1);
}

function nowhere(steps: readonly Step[], at: number, why: string): ToolError {
  const way = steps.slice(0, at + 1).map((step) => {
    if (step === 'each') return '[*]';
    return 'index' in step ? `[${step.index}]` : `.${step.name.slice(0, 64)}`;
  });
  return new ToolError(`The path leads nowhere at $${way.join('')}: ${why}.`);
}
