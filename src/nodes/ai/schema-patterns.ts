import { isObject } from '../../core/index.js';

/** Keywords whose keys are names and whose values are schemas. */
const MAPS = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords whose values are data. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);

/** Keywords by which a small schema takes long: regular expressions, and references that double what they refer to. */
const COSTLY = new Set(['pattern', 'patternProperties', '$ref', '$dynamicRef', '$recursiveRef']);

/** The first keyword of a schema that may take longer than its size says. */
export function costlyKeywordIn(schema: unknown): string | undefined {
  if (Array.isArray(schema)) return firstIn(schema);
  if (!isObject(schema)) return undefined;
  for (const [keyword, value] of Object.entries(schema)) {
    if (COSTLY.has(keyword)) return keyword;
    if (DATA.has(keyword)) continue;
    const found = MAPS.has(keyword) && isObject(value) ? firstIn(Object.values(value)) : costlyKeywordIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstIn(schemas: readonly unknown[]): string | undefined {
  for (const schema of schemas) {
    const found = costlyKeywordIn(schema);
    if (found !== undefined) return found;
  }
  return undefined;
}
