import { closest } from '../../core/index.js';
import { NodeCatalogue, type NodeType } from '../../nodes/index.js';
import type { CliContext } from '../context.js';
import { UsageError } from '../exit-code.js';
import { toOverrides, type ConfigOption } from '../options.js';
import { columns, firstLine, json, printable } from '../output.js';
import { renderNode } from './render-node.js';

/** What every command on nodes may be given. */
export interface NodesFlags extends ConfigOption {
  readonly json?: boolean;
}

/** Which nodes are listed. */
export interface NodesListFlags extends NodesFlags {
  readonly category?: string;
}

/** `rookery nodes list`. @throws UsageError for a category that no node has */
export async function listNodes(context: CliContext, flags: NodesListFlags): Promise<void> {
  const types = ofCategory(await catalogueOf(context, flags), flags.category);
  if (flags.json === true) return context.out(json(types.map(describeNode)));
  const rows = types.map(({ type, category, description }) => [type, category, firstLine(description)]);
  context.out(columns([['TYPE', 'CATEGORY', 'DESCRIPTION'], ...rows].map((row) => row.map(printable))));
}

/** `rookery nodes show`. @throws UsageError for a type that there is not */
export async function showNode(context: CliContext, name: string, flags: NodesFlags): Promise<void> {
  const node = findNode(await catalogueOf(context, flags), name);
  context.out(flags.json === true ? json(describeNode(node)) : printable(renderNode(node)));
}

/** A kind of node for programs; schemas are JSON Schema 2020-12. */
function describeNode({ type, category, description, ...node }: NodeType): Readonly<Record<string, unknown>> {
  return {
    type,
    category,
    description,
    readOnly: node.readOnly,
    openInputs: node.openInputs,
    parameters: node.parameters.jsonSchema,
    ...(node.output !== undefined && { output: node.output.jsonSchema }),
    examples: node.examples,
  };
}

async function catalogueOf({ application, source }: CliContext, flags: ConfigOption): Promise<readonly NodeType[]> {
  const app = await application.open(await application.configuration(source(toOverrides(flags))));
  try {
    return app.get(NodeCatalogue, { strict: false }).list();
  } finally {
    await app.close();
  }
}

function ofCategory(types: readonly NodeType[], category: string | undefined): readonly NodeType[] {
  if (category === undefined) return types;
  const found = types.filter((type) => type.category === category);
  if (found.length > 0) return found;
  const known = [...new Set(types.map((type) => type.category))].toSorted();
  throw new UsageError(`there are no nodes of the category ${category}; ${hint(category, known, known.join(', '))}`);
}

function findNode(types: readonly NodeType[], name: string): NodeType {
  const found = types.find(({ type }) => type === name);
  if (found !== undefined) return found;
  const known = types.map(({ type }) => type);
  throw new UsageError(`there is no node ${name}; ${hint(name, known, '`rookery nodes list` has them')}`);
}

function hint(name: string, known: readonly string[], otherwise: string): string {
  const folded = name.toLowerCase();
  const meant = known.find((one) => [folded, `${folded}node`].includes(one.toLowerCase())) ?? closest(name, known);
  return meant === undefined ? otherwise : `did you mean ${meant}?`;
}
