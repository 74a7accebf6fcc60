import type { JsonSchema } from '../../core/index.js';
import type { NodeExample, NodeType } from '../../nodes/index.js';
import { snakeCase } from '../../tools/index.js';
import { propertyLines, type PropertyLine } from './schema-lines.js';

const WIDTH = 100;

/** A kind of node for people: what it does, takes and gives, and how it is put to use. */
export function renderNode(node: NodeType): string {
  const { type, category, description, readOnly, openInputs, parameters, output, examples } = node;
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
    '',
    ...(examples.length === 0 ? [] : ['Examples', ...examples.flatMap((example) => snippet(type, example))]),
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

/** A method of a provider that serves the node, configured as in the example, as a tool. */
function snippet(type: string, { title, parameters, inputs }: NodeExample): readonly string[] {
  const name = snakeCase(type.replace(/Node$/, ''));
  const configuration = { node_config: parameters, ...(inputs !== undefined && { inputs }) };
  const [first = '', ...rest] = JSON.stringify(configuration, null, 2).split('\n');
  return [
    `  // ${title}`,
    `  @McpNodeTool({ node: ${type}, toolName: '${name}' })`,
    `  ${camelCase(name)}(): NodeConfiguration {`,
    `    return ${[first, ...rest.map((line) => `    ${line}`)].join('\n')};`,
    '  }',
    ...(inputs === undefined
      ? [
          `  // or with its own parameters as arguments: await nodeTools.registerNodeTool(${type}, '${name}')`,
          `  $ rookery call ${name} --data ${shellQuoted(JSON.stringify(parameters))}`,
        ]
      : []),
    '',
  ];
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
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
