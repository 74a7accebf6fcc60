import { isObject, type CompiledSchema, type Fault, type JsonSchema } from '../../core/index.js';
import { SECRET_REF } from './secret-ref.js';

/** A schema of parameters whose faults say what to do with a secret. */
export function explainingSecrets({ jsonSchema, parse }: CompiledSchema): CompiledSchema {
  return {
    jsonSchema,
    parse: async (value) => {
      const parsed = await parse(value);
      return parsed.ok ? parsed : { ok: false, faults: parsed.faults.map((fault) => explained(jsonSchema, fault)) };
    },
  };
}

/** Who writes `token` where there is `token_ref` is told that secrets are named, not given. */
function explained(jsonSchema: JsonSchema, fault: Fault): Fault {
  const segments = fault.path.split('.');
  const name = segments.pop() ?? '';
  let schema: unknown = jsonSchema;
  for (const segment of segments) schema = propertyOf(schema, segment);
  if (propertyOf(schema, name) !== undefined || propertyOf(schema, `${name}${SECRET_REF}`) === undefined) return fault;
  const reference = `${fault.path}${SECRET_REF}`;
  const message = `takes no secret: name one of nodes.secrets in \`${reference}\`, so that its value stands in no record`;
  return { path: fault.path, message };
}

function propertyOf(schema: unknown, name: string): unknown {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}
