import { isObject, type JsonSchema } from '../core/index.js';

/** Keywords whose schemas describe the same value as the schema they stand in. */
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else'];

/** The longest way of references that is followed; one that is longer goes round in a circle. */
const MAX_REFERENCES = 32;

/**
 * Which parts of a value are `sensitive: true` by its JSON Schema (`.meta({ sensitive: true })` in zod).
 *
 * Worked out lazily, once for every place in a schema. Where schemas are alternatives, what one of them calls sensitive
 * is; what can't be resolved is sensitive too.
 */
export class SensitiveSchema {
  readonly #named = new Map<string, SensitiveSchema | undefined>();
  readonly #schemas: readonly JsonSchema[];
  #other: SensitiveSchema | undefined;
  #items: SensitiveSchema | undefined;
  /** Whether the whole value is sensitive. */
  readonly whole: boolean;

  private constructor(
    private readonly root: JsonSchema,
    schemas: readonly JsonSchema[],
  ) {
    const flat: JsonSchema[] = [];
    let unresolved = false;
    const add = (schema: unknown, references: number): void => {
      if (!isObject(schema)) return;
      flat.push(schema);
      for (const keyword of SAME_VALUE) {
        const inner = schema[keyword];
        for (const one of Array.isArray(inner) ? (inner as unknown[]) : [inner]) add(one, references);
      }
      const reference = schema['$ref'] ?? schema['$dynamicRef'];
      if (reference === undefined) return;
      const found = references < MAX_REFERENCES ? resolve(root, reference) : undefined;
      if (found === undefined) unresolved = true;
      else add(found, references + 1);
    };
    for (const schema of schemas) add(schema, 0);
    this.#schemas = flat;
    this.whole = unresolved || flat.some((schema) => schema['sensitive'] === true);
  }

  /** `undefined` when nothing in the schema is sensitive, so that its values cost nothing. */
  static of(schema: JsonSchema): SensitiveSchema | undefined {
    return mentionsSensitive(schema, 0) ? new SensitiveSchema(schema, [schema]) : undefined;
  }

  /** What is sensitive in a property's value. */
  property(name: string): SensitiveSchema | undefined {
    const isNamed = this.#schemas.some(({ properties }) => isObject(properties) && Object.hasOwn(properties, name));
    const hasPatterns = this.#schemas.some((schema) => isObject(schema['patternProperties']));
    // Names that no schema lists are the caller's: they share one entry, so that nobody can make this map grow.
    if (!isNamed)
      return hasPatterns
        ? this.#child(this.#propertySchemas(name))
        : (this.#other ??= this.#child(this.#propertySchemas(name)));
    if (!this.#named.has(name)) this.#named.set(name, this.#child(this.#propertySchemas(name)));
    return this.#named.get(name);
  }

  /** What is sensitive in the entries of a list. */
  get items(): SensitiveSchema | undefined {
    return (this.#items ??= this.#child(
      this.#schemas.flatMap((schema) => [schema['items'], schema['prefixItems'], schema['contains']].flat()),
    ));
  }

  #propertySchemas(name: string): readonly unknown[] {
    return this.#schemas.flatMap((schema) => {
      const { properties, patternProperties, additionalProperties } = schema;
      const own = isObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
      const patterns = isObject(patternProperties) ? Object.entries(patternProperties) : [];
      const matching = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, inner]) => inner);
      const described = [...own, ...matching];
      return described.length > 0 ? described : [additionalProperties];
    });
  }

  #child(schemas: readonly unknown[]): SensitiveSchema | undefined {
    const known = schemas.filter(isObject);
    return known.length === 0 ? undefined : new SensitiveSchema(this.root, known);
  }
}

function mentionsSensitive(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > 100 || (value as JsonSchema)['sensitive'] === true) return true;
  return Object.values(value).some((inner) => mentionsSensitive(inner, depth + 1));
}

/** What a reference within the document points to. */
function resolve(root: JsonSchema, reference: unknown): unknown {
  if (reference === '#') return root;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined;
  let found: unknown = root;
  for (const segment of decodeURIComponent(reference).slice(2).split('/')) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null ? (found as JsonSchema)[key] : undefined;
  }
  return found;
}
