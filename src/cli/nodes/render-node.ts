import { isObject, type JsonSchema } from '../../core/index.js';
import type { NodeExample, NodeType } from '../../nodes/index.js';
import { snakeCase } from '../../tools/index.js';
import { propertyLines, type PropertyLine } from './schema-lines.js';

const WIDTH = 100;

/** A kind of node for people: what it does, takes and gives, and how it is put to use. */
export function renderNode(node: NodeType): string {
  const { type, category, description, readOnly, openInputs, parameters, output } = node;
  const effects = readOnly ? ['changes nothing outside'] : [];
  const inputs = openInputs ? ['takes inputs of any name beside its parameters'] : [];
  return [
    type,
    ...wrapped(description, '  '),
    `  category ${[category, ...effects, ...inputs].join(', ')}`,
    '',
    'Parameters',
    ...section(parameters.jsonSchema, parameterNote),
    '',
    'Outputs',
    ...(output === undefined ? ['  anything'] : section(output.jsonSchema, () => undefined)),
    ...snippets(node),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function section(schema: JsonSchema, noteOf: (line: PropertyLine) => string | undefined): readonly string[] {
  const lines = propertyLines(schema);
  if (lines.length === 0) return ['  none'];
  return lines.flatMap((line) => [
    `  ${line.name}  ${[line.type, noteOf(line)].filter((part) => part !== undefined).join(', ')}`,
    ...wrapped(line.description, '      '),
  ]);
}

function parameterNote({ required, default: value }: PropertyLine): string | undefined {
  if (required) return 'required';
  return value === undefined ? 'optional' : `default ${value}`;
}

/** Examples as they are typed, once the node is served as a tool; those with inputs as methods that configure it. */
function snippets({ type, examples }: NodeType): readonly string[] {
  const tool = snakeCase(type.replace(/Node$/, ''));
  const called = examples.filter(({ inputs }) => inputs === undefined);
  const configured = examples.filter(({ inputs }) => inputs !== undefined);
  const served = `await nodeTools.registerNodeTool(${type}, '${tool}');`;
  return [
    ...(called.length === 0 ? [] : ['', 'Examples, after', `  ${served}`]),
    ...called.flatMap(({ title, parameters }) => [
      '',
      `  # ${title}`,
      `  rookery call ${tool} --data ${shellQuoted(JSON.stringify(parameters))}`,
    ]),
    ...(configured.length === 0 ? [] : ['', 'Examples with inputs, as methods of a provider']),
    ...configured.flatMap((example) => ['', ...method(type, example)]),
  ];
}

function method(type: string, { title, parameters, inputs }: NodeExample): readonly string[] {
  const name = camelCase(title);
  return [
    `  // ${title}`,
    `  @McpNodeTool({ node: ${type} })`,
    `  ${name}(): NodeConfiguration {`,
    `    return ${literal({ node_config: parameters, inputs })};`,
    '  }',
  ];
}

/** A value as TypeScript writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'string' && /^[^'\\\n]*$/.test(value)) return `'${value}'`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';
  const members = Object.entries(value).map(([name, member]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return `${key}: ${literal(member)}`;
  });
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function camelCase(title: string): string {
  const words = title.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words.map((word, index) => (index === 0 ? word.toLowerCase() : upperFirst(word))).join('');
}

function upperFirst(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) lines.push(indent + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
