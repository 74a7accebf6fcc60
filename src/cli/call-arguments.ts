import { UsageError } from './exit-code.js';

/** What `rookery call` was given besides the tool's name. */
export interface GivenArguments {
  /** Numbers, a JSON array or a JSON object; files have been read. */
  readonly data?: string | undefined;
  /** Each `key=value`. */
  readonly arg?: readonly string[] | undefined;
}

type Properties = Readonly<Record<string, unknown>>;

/**
 * The arguments object of a call. `--data` is the whole of it when it is a JSON object, else the argument `data`;
 * every `--arg` adds one, read as the tool's schema says.
 */
export function callArguments({ data, arg = [] }: GivenArguments, inputSchema: Properties): Record<string, unknown> {
  const properties = propertiesOf(inputSchema);
  const given = new Map<string, unknown>(data === undefined ? [] : fromData(data, properties));
  const named = new Set<string>();
  for (const text of arg) {
    const [key, value] = splitPair(text);
    if (named.has(key)) throw new UsageError(`--arg ${key} is given twice`);
    named.add(key);
    given.set(key, readValue(value, properties?.[key]));
  }
  return Object.fromEntries(given);
}

function fromData(data: string, properties: Properties | undefined): [string, unknown][] {
  const value = readData(data);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  if (properties !== undefined && !('data' in properties)) {
    const known = Object.keys(properties).join(', ') || 'none';
    throw new UsageError(`the tool has no argument called data (it has: ${known}); use --arg, or --data '{"…": …}'`);
  }
  return [['data', value]];
}

/** JSON, or numbers parted by commas or white space. */
function readData(text: string): unknown {
  const json = parseJson(text);
  if (Array.isArray(json) || (typeof json === 'object' && json !== null)) return json;
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  const numbers = words.map(Number);
  if (words.length > 0 && numbers.every((number) => Number.isFinite(number))) return numbers;
  throw new UsageError(
    "--data takes numbers (1,2,3), a JSON array, a JSON object or @file; use --arg for a tool's other arguments",
  );
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--arg takes key=value, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A text stays one where the schema takes texts; elsewhere JSON is read as JSON. The server has the last word. */
function readValue(text: string, schema: unknown): unknown {
  const types = typesOf(schema);
  if (types.includes('string')) return text;
  const json = parseJson(text);
  if (json !== undefined) return json;
  return types.includes('array') ? text.split(',').map((item) => readValue(item.trim(), itemsOf(schema))) : text;
}

function typesOf(schema: unknown): readonly unknown[] {
  const { type, anyOf, oneOf, enum: values } = (schema ?? {}) as Properties;
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  const options = anyOf ?? oneOf;
  if (Array.isArray(options)) return options.flatMap(typesOf);
  return Array.isArray(values) && values.every((value) => typeof value === 'string') ? ['string'] : [];
}

function itemsOf(schema: unknown): unknown {
  return ((schema ?? {}) as Properties)['items'];
}

function propertiesOf(schema: Properties): Properties | undefined {
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? (properties as Properties) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
