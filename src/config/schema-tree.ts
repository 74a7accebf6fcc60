import { z } from 'zod';
import type { ConfigSections, ObjectNode, RecordNode, SchemaNode } from './schema-node.js';
import { either } from './schema-walk.js';

type NodeBase = Pick<SchemaNode, 'description' | 'secret' | 'required' | 'nullable' | 'fallback'>;

const ROOT: NodeBase = { description: undefined, secret: false, required: true, nullable: false, fallback: undefined };

/** All sections as one tree. */
export function sectionsTree(sections: ConfigSections): ObjectNode {
  const properties = new Map(Object.entries(sections).map(([name, schema]) => [name, schemaTree(schema)]));
  return { ...ROOT, kind: 'object', properties, open: false };
}

/**
 * Reads a zod schema as a tree of keys.
 *
 * @throws Error for `z.lazy`: a configuration that may nest without end can't be listed or redacted.
 */
export function schemaTree(schema: z.core.$ZodType): SchemaNode {
  return unwrap(schema, { ...ROOT, required: schema._zod.optin === undefined });
}

/** Goes through wrappers to the schema that says what the value is; the outermost description wins. */
function unwrap(schema: z.core.$ZodType, outer: NodeBase): SchemaNode {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const meta = z.globalRegistry.get(schema);
  const base: NodeBase = {
    ...outer,
    description: outer.description ?? meta?.description,
    secret: outer.secret || meta?.['secret'] === true,
  };
  switch (def.type) {
    case 'default':
    case 'prefault':
      return unwrap(def.innerType, { ...base, fallback: base.fallback ?? def.defaultValue });
    case 'nullable':
      return unwrap(def.innerType, { ...base, nullable: true });
    case 'optional':
    case 'readonly':
    case 'catch':
    case 'nonoptional':
      return unwrap(def.innerType, base);
    case 'pipe':
      return unwrap(isTransform(def.in) ? def.out : def.in, base);
    case 'lazy':
      throw new Error('z.lazy has no place in a configuration schema: its keys cannot be listed');
    default:
      return leafOrGroup(schema as z.core.$ZodTypes, base);
  }
}

function isTransform(schema: z.core.$ZodType): boolean {
  return schema._zod.def.type === 'transform';
}

function leafOrGroup(schema: z.core.$ZodTypes, base: NodeBase): SchemaNode {
  const { def } = schema._zod;
  switch (def.type) {
    case 'object':
      return {
        ...base,
        kind: 'object',
        properties: new Map(Object.entries(def.shape).map(([key, inner]) => [key, schemaTree(inner)])),
        open: def.catchall !== undefined && def.catchall._zod.def.type !== 'never',
      };
    case 'record':
      return recordNode(def, base);
    case 'array':
      return { ...base, kind: 'array', element: schemaTree(def.element) };
    case 'enum':
      return { ...base, kind: 'enum', values: [...new Set(Object.values(def.entries))] };
    case 'literal':
      return { ...base, kind: 'enum', values: def.values };
    case 'union':
      return unionNode(def.options, base);
    case 'intersection':
      return unionNode([def.left, def.right], base);
    case 'number':
      return numberNode(schema, base);
    case 'boolean':
      return { ...base, kind: 'boolean' };
    case 'string':
    case 'template_literal':
      return { ...base, kind: 'string' };
    default:
      return { ...base, kind: 'other' };
  }
}

function recordNode(def: z.core.$ZodRecordDef, base: NodeBase): RecordNode {
  return { ...base, kind: 'record', element: schemaTree(def.valueType), secretKeys: schemaTree(def.keyType).secret };
}

function unionNode(schemas: readonly z.core.$ZodType[], base: NodeBase): SchemaNode {
  const options = schemas.map(schemaTree);
  const properties = new Map<string, SchemaNode>();
  for (const option of options) {
    if (option.kind !== 'object' && option.kind !== 'union') continue;
    for (const [key, node] of option.properties) {
      const known = properties.get(key);
      properties.set(key, known === undefined ? node : either(known, node));
    }
  }
  return {
    ...base,
    kind: 'union',
    options,
    properties,
    secret: base.secret || options.some((option) => option.secret),
  };
}

function numberNode(schema: z.core.$ZodType, base: NodeBase): SchemaNode {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = z.toJSONSchema(schema, { io: 'input' });
  const bound = (limit: number | undefined) => (Math.abs(limit ?? 0) < Number.MAX_SAFE_INTEGER ? limit : undefined);
  return {
    ...base,
    kind: 'number',
    integer: type === 'integer',
    minimum: bound(minimum),
    maximum: bound(maximum),
    above: typeof exclusiveMinimum === 'number' ? exclusiveMinimum : undefined,
    below: typeof exclusiveMaximum === 'number' ? exclusiveMaximum : undefined,
  };
}
