import fc from 'fast-check';
import { isObject, type JsonSchema } from '../../../src/core/index.js';
import { mutated, mutations } from './mutate.js';
import { texts, values } from './json.js';

/** References that are followed one in another. */
const MAX_DEPTH = 3;

/** Values that a schema describes; most of them it also allows. */
export function shaped(schema: unknown, root: unknown = schema, depth = 0): fc.Arbitrary<unknown> {
  if (!isObject(schema)) return values;
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  if ('const' in schema) return fc.constant(schema['const']);
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches)) return fc.oneof(...branches.map((branch) => shaped(branch, root, depth)));
  if (typeof schema['$ref'] === 'string') {
    return depth < MAX_DEPTH ? shaped(referenced(root, schema['$ref']), root, depth + 1) : fc.constant({});
  }
  switch (schema['type']) {
    case 'object':
      return shapedObject(schema, root, depth);
    case 'array':
      return fc.array(shaped(schema['items'] ?? {}, root, depth), {
        minLength: bound(schema, 'minItems', 0),
        maxLength: Math.min(bound(schema, 'maxItems', 3), 5),
      });
    case 'string':
      return shapedText(schema);
    case 'integer':
      return fc.integer({ min: bound(schema, 'minimum', -100), max: bound(schema, 'maximum', 100) });
    case 'number':
      return fc.double({
        min: bound(schema, 'minimum', -100),
        max: bound(schema, 'maximum', 100),
        noNaN: true,
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return values;
  }
}

/** Arguments for a schema: as it wants them, with one thing wrong, or anything. */
export function argumentsFor(schema: unknown): fc.Arbitrary<unknown> {
  const right = shaped(schema);
  return fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 3, arbitrary: fc.tuple(right, mutations).map(([value, mutation]) => mutated(value, mutation)) },
    { weight: 1, arbitrary: values },
  );
}

function shapedObject(schema: JsonSchema, root: unknown, depth: number): fc.Arbitrary<unknown> {
  const { properties, required, additionalProperties } = schema;
  const named = isObject(properties) ? properties : {};
  const model = Object.fromEntries(
    Object.entries(named).map(([name, property]) => [name, shaped(property, root, depth)]),
  );
  const known = Object.keys(model);
  const requiredKeys = (Array.isArray(required) ? required : []).filter((name) => known.includes(name as string));
  const object = fc.record(model, { requiredKeys: requiredKeys as string[] });
  if (additionalProperties === false || (known.length > 0 && additionalProperties === undefined)) return object;
  const further = isObject(additionalProperties) ? shaped(additionalProperties, root, depth) : values;
  return fc.tuple(fc.dictionary(texts, further, { maxKeys: 3 }), object).map(([other, own]) => ({ ...other, ...own }));
}

function shapedText(schema: JsonSchema): fc.Arbitrary<string> {
  const minLength = bound(schema, 'minLength', 0);
  const maxLength = bound(schema, 'maxLength', Math.max(minLength, 20));
  if (typeof schema['pattern'] === 'string') return fc.stringMatching(new RegExp(schema['pattern']));
  const fitting = texts.filter(({ length }) => length >= minLength && length <= maxLength);
  return fc.oneof(fc.string({ minLength, maxLength: Math.min(maxLength, 200) }), fitting);
}

function bound(schema: JsonSchema, keyword: string, fallback: number): number {
  const value = schema[keyword];
  return typeof value === 'number' ? value : fallback;
}

/** Follows a local reference; what does not lead anywhere describes everything. */
function referenced(root: unknown, pointer: string): unknown {
  const segments = pointer.replace(/^#\/?/, '').split('/');
  return segments.reduce<unknown>((node, segment) => (isObject(node) ? node[segment] : undefined), root) ?? {};
}
