import { describeExpected } from './expectation.js';
import type { ConfigSections, SchemaNode } from './schema-node.js';
import { sectionsTree } from './schema-tree.js';
import { propertiesOf } from './schema-walk.js';
import { REDACTED } from './redact-config.js';
import { variableName } from './variable-name.js';

/** Every key of the configuration as Markdown tables, one a section; `rookery config reference` prints it. */
export function keyReference(sections: ConfigSections): string {
  return [...sectionsTree(sections).properties]
    .map(([name, node]) => {
      const defaults = sections[name]?.safeParse({});
      const rows = [...rowsOf(node, [name], defaults?.success === true ? defaults.data : undefined, true)];
      const head = ['Key', 'Type', 'Default', 'Environment variable', 'Description'];
      const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
      return [`### ${name}`, ...(node.description === undefined ? [] : [node.description]), lines.join('\n')].join(
        '\n\n',
      );
    })
    .join('\n\n')
    .concat('\n');
}

type Row = readonly string[];

/** `settable` until a map or a list is on the way: those come from files only. */
function* rowsOf(node: SchemaNode, path: readonly string[], value: unknown, settable: boolean): Generator<Row> {
  const group = node.kind === 'object';
  if (!group) yield row(node, path, value, settable && node.kind !== 'record');
  for (const [key, inner] of propertiesOf(node)) {
    yield* rowsOf(inner, [...path, key], valueOf(value, key), settable);
  }
  if (node.kind === 'record') yield* rowsBelow(node.element, [...path.slice(0, -1), `${path.at(-1)}.<name>`]);
  if (node.kind === 'array') yield* rowsBelow(node.element, [...path.slice(0, -1), `${path.at(-1)}[]`]);
}

function* rowsBelow(element: SchemaNode, path: readonly string[]): Generator<Row> {
  if (element.kind === 'object' || element.kind === 'union') yield* rowsOf(element, path, undefined, false);
}

function row(node: SchemaNode, path: readonly string[], value: unknown, settable: boolean): Row {
  return [
    code(path.join('.')),
    describeExpected(node),
    describeDefault(node, value),
    settable ? code(variableName(path)) : 'files only',
    node.description ?? '',
  ].map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' '));
}

function describeDefault(node: SchemaNode, value: unknown): string {
  const shown = value ?? node.fallback;
  if (shown === undefined) return node.required ? '**required**' : '';
  return code(node.secret ? REDACTED : JSON.stringify(shown));
}

function valueOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function code(text: string): string {
  return `\`${text}\``;
}
