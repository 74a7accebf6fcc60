import { formatPath, isObject, type CompiledSchema, type Fault, type JsonSchema } from '../../core/index.js';
import { SECRET_REF } from './secret-ref.js';

/** A schema of parameters whose faults say what to do with a secret. No fault shows a value. */
export function explainingSecrets(compiled: CompiledSchema): CompiledSchema {
  const { jsonSchema, parse } = compiled;
  if (!JSON.stringify(jsonSchema).includes(`${SECRET_REF}"`)) return compiled;
  return {
    jsonSchema,
    parse: async (value) => {
      const parsed = await parse(value);
      if (parsed.ok) return parsed;
      const secrets: Fault[] = [];
      collectSecrets([jsonSchema], value, [], secrets);
      const other = parsed.faults.filter(({ path }) => !secrets.some((secret) => isSaidBy(path, secret.path)));
      return { ok: false, faults: [...secrets, ...other] };
    },
  };
}

/** Deeper values are refused before they come here; a schema is not made of more. */
const DEEPEST = 16;
const MOST_FAULTS = 20;

/** Who writes `token` where there is `token_ref` is told that secrets are named, not given: in unions and lists, too. */
function collectSecrets(schemas: readonly JsonSchema[], value: unknown, path: readonly string[], found: Fault[]): void {
  if (path.length > DEEPEST || found.length >= MOST_FAULTS) return;
  const possible = schemas.flatMap((schema) => alternatives(schema));
  if (Array.isArray(value)) {
    const items = possible.map((schema) => schema['items']).filter(isObject);
    if (items.length === 0) return;
    for (const [index, item] of value.entries()) collectSecrets(items, item, [...path, String(index)], found);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const known = propertiesOf(possible, name);
    const at = [...path, name];
    if (known.length > 0) collectSecrets(known, inner, at, found);
    else if (propertiesOf(possible, `${name}${SECRET_REF}`).length > 0) found.push(secretGiven(formatPath(at)));
  }
}

function secretGiven(path: string): Fault {
  const message = `takes no secret: name one of nodes.secrets in \`${path}${SECRET_REF}\`, so that its value stands in no record`;
  return { path, message };
}

/** The schema, and each that it may be instead: of a union every one, as who mixes them up still gives a secret. */
function alternatives(schema: JsonSchema, depth = 0): readonly JsonSchema[] {
  if (depth > DEEPEST) return [];
  const members = ['oneOf', 'anyOf', 'allOf'].flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : []));
  return [schema, ...members.filter(isObject).flatMap((member) => alternatives(member, depth + 1))];
}

function propertiesOf(schemas: readonly JsonSchema[], name: string): readonly JsonSchema[] {
  return schemas.flatMap(({ properties }) => {
    const property = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    return isObject(property) ? [property] : [];
  });
}

/** Whether a fault is about the secret itself, its missing reference, or the union in which no member takes it. */
function isSaidBy(path: string, secret: string): boolean {
  return (
    path === secret ||
    path === `${secret}${SECRET_REF}` ||
    (path !== '' && /^[.[]/.test(secret.slice(path.length)) && secret.startsWith(path))
  );
}
