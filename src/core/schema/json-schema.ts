import type { JsonSchema } from './compiled-schema.js';

/** Whether a value is a plain JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keywords under which an object may get properties from elsewhere, so that closing it here would refuse valid ones. */
const COMPOSED = ['allOf', 'anyOf', 'oneOf', '$ref', '$dynamicRef', 'if', 'dependentSchemas', 'unevaluatedProperties'];
/** Keywords which say themselves what other properties may be there. */
const SETTLED = ['additionalProperties', 'patternProperties', 'propertyNames'];
/** Where nested schemas stand that describe a whole value of their own. */
const NESTED_LISTS = ['prefixItems', 'anyOf', 'oneOf'];

/**
 * Says in the schema what the server enforces: `additionalProperties: false` on every object that lists its properties
 * and does not say what others may be there. Objects composed of several schemas stay as they are, and so do shared
 * definitions as soon as the document composes at all, since a closed part would refuse what the other part allows.
 */
export function closeObjects(schema: JsonSchema): JsonSchema {
  const composes = mentions(schema, ['allOf', 'if', 'not', 'dependentSchemas']);
  return close(schema, !composes);
}

function close(schema: JsonSchema, definitions: boolean): JsonSchema {
  const closed: Record<string, unknown> = { ...schema };
  const properties = schema['properties'];
  if (isObject(properties)) {
    closed['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, isObject(inner) ? close(inner, definitions) : inner]),
    );
  }
  for (const key of ['items', 'additionalProperties']) {
    const inner = schema[key];
    if (isObject(inner)) closed[key] = close(inner, definitions);
  }
  for (const key of NESTED_LISTS) {
    const inner = schema[key];
    const partOfObject = key !== 'prefixItems' && isObject(properties);
    if (Array.isArray(inner) && !partOfObject) {
      closed[key] = inner.map((entry: unknown) => (isObject(entry) ? close(entry, definitions) : entry));
    }
  }
  for (const key of ['$defs', 'definitions']) {
    const inner = schema[key];
    if (definitions && isObject(inner)) {
      closed[key] = Object.fromEntries(
        Object.entries(inner).map(([name, entry]) => [name, isObject(entry) ? close(entry, definitions) : entry]),
      );
    }
  }
  const open = isObject(properties) && [...COMPOSED, ...SETTLED].every((key) => !(key in schema));
  if (open) closed['additionalProperties'] = false;
  return closed;
}

function mentions(value: unknown, keywords: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((entry) => mentions(entry, keywords));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, entry]) => keywords.includes(key) || mentions(entry, keywords));
}
