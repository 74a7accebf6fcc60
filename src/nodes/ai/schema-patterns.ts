import { isObject } from '../../core/index.js';

/** Keywords whose keys are names and whose values are schemas. */
const MAPS = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords whose values are data. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);

/** Whether a schema has a regular expression anywhere. */
export function patternIn(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(patternIn);
  if (!isObject(schema)) return false;
  return Object.entries(schema).some(([keyword, value]) => {
    if (keyword === 'pattern' || keyword === 'patternProperties') return true;
    if (DATA.has(keyword)) return false;
    return MAPS.has(keyword) && isObject(value) ? Object.values(value).some(patternIn) : patternIn(value);
  });
}
