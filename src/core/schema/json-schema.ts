import type { JsonSchema } from './compiled-schema.js';

/** Whether a value is a plain JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where schemas stand inside a schema; everything else in it is data. */
const SINGLES = ['items', 'additionalProperties', 'contains', 'if', 'then', 'else', 'not'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'];

/** Keywords by which a schema itself says what is in an object or a list. */
const OWN = ['properties', 'patternProperties', 'additionalProperties', 'items', 'prefixItems'];
/** Keywords by which other schemas say it too. */
const APPLIED = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas', '$ref', '$dynamicRef'];
/** Keywords which settle what other properties may be there. */
const SETTLED = ['additionalProperties', 'patternProperties', 'propertyNames', 'unevaluatedProperties'];
/** Keywords whose schemas each describe the whole of a value, unless they stand beside others. */
const WHOLE = ['properties', 'items', 'prefixItems', 'additionalProperties', 'anyOf', 'oneOf'];
/** Keywords whose schemas are parts of a whole, or say what a value must not be. */
const PARTIAL = ['allOf', 'if', 'then', 'else', 'dependentSchemas', 'not'];
const DEFINITIONS = ['$defs', 'definitions'];

/**
 * Says in the schema what the server enforces: `additionalProperties: false` on every object that lists its properties
 * and does not say what others may be there. What is composed of several parts stays as it is, and so do the shared
 * definitions that are such parts, since a closed part would refuse what the other parts allow.
 */
export function closeObjects(schema: JsonSchema): JsonSchema {
  const parts = sharedParts(schema);
  return parts === 'any' ? schema : close(schema, '#', parts);
}

function close(schema: JsonSchema, pointer: string, parts: ReadonlySet<string>): JsonSchema {
  const closed: Record<string, unknown> = { ...schema };
  const inner = isComposed(schema) ? DEFINITIONS : [...WHOLE, ...DEFINITIONS];
  for (const keyword of inner) {
    if (keyword in schema) closed[keyword] = closeInside(schema[keyword], keyword, `${pointer}/${keyword}`, parts);
  }
  const open = isObject(schema['properties']) && SETTLED.every((keyword) => !(keyword in schema));
  if (open && !isComposed(schema)) closed['additionalProperties'] = false;
  return closed;
}

function closeInside(value: unknown, keyword: string, pointer: string, parts: ReadonlySet<string>): unknown {
  const entry = (schema: unknown, at: string): unknown =>
    isObject(schema) && !parts.has(at) ? close(schema, at, parts) : schema;
  if (LISTS.includes(keyword)) {
    return Array.isArray(value) ? value.map((schema: unknown, index) => entry(schema, `${pointer}/${index}`)) : value;
  }
  if (!MAPS.includes(keyword)) return entry(value, pointer);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, entry(schema, `${pointer}/${escapePointer(name)}`)]),
  );
}

/** Whether several schemas say what is in the same value, so that none of them can be closed. */
function isComposed(schema: JsonSchema): boolean {
  const applied = APPLIED.filter((keyword) => describesContent(schema, keyword)).length;
  return applied > 1 || (applied === 1 && OWN.some((keyword) => keyword in schema));
}

function describesContent(schema: JsonSchema, keyword: string): boolean {
  if (OWN.includes(keyword) || keyword === '$ref' || keyword === '$dynamicRef') return keyword in schema;
  return subschemas(schema, keyword).some((inner) => Object.keys(inner).some((key) => describesContent(inner, key)));
}

/** Pointers to the definitions that are parts of something composed; `any` when a reference can't be followed. */
function sharedParts(root: JsonSchema): ReadonlySet<string> | 'any' {
  const found = new Set<string>();
  const collect = (schema: JsonSchema): void => {
    for (const keyword of ['$ref', '$dynamicRef']) {
      if (keyword in schema) found.add(decodeURIComponent(String(schema[keyword])));
    }
    for (const keyword of Object.keys(schema)) subschemas(schema, keyword).forEach(collect);
  };
  const visit = (schema: JsonSchema): void => {
    const composed = isComposed(schema);
    if (composed) collect({ ...schema, $defs: undefined, definitions: undefined });
    for (const keyword of Object.keys(schema)) {
      const partial = composed ? !DEFINITIONS.includes(keyword) : PARTIAL.includes(keyword);
      subschemas(schema, keyword).forEach(partial ? collect : visit);
    }
  };
  visit(root);
  for (const pointer of found) {
    const part = resolvePointer(root, pointer);
    if (!isObject(part) || part === root) return 'any';
    collect(part);
  }
  return found;
}

function subschemas(schema: JsonSchema, keyword: string): readonly JsonSchema[] {
  const value = schema[keyword];
  if (SINGLES.includes(keyword)) return isObject(value) ? [value] : [];
  if (LISTS.includes(keyword)) return Array.isArray(value) ? value.filter(isObject) : [];
  return MAPS.includes(keyword) && isObject(value) ? Object.values(value).filter(isObject) : [];
}

/** What a reference within a document points to; `undefined` for anchors and other documents. */
export function resolvePointer(root: JsonSchema, pointer: string): unknown {
  if (pointer === '#') return root;
  if (!pointer.startsWith('#/')) return undefined;
  let found: unknown = root;
  for (const segment of decodeURIComponent(pointer).slice(2).split('/')) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    found = isObject(found) || Array.isArray(found) ? (found as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return found;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
