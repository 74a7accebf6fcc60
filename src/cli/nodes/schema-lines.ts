import { isObject, type JsonSchema } from '../../core/index.js';

/** What a person is told of one property of a schema. */
export interface PropertyLine {
  readonly name: string;
  /** `string`, `list of object`, `inner | left | right`. */
  readonly type: string;
  readonly required: boolean;
  /** As JSON; undefined where there is none. */
  readonly default: string | undefined;
  /** Empty where there is none. */
  readonly description: string;
}

/** The properties of an object's schema, in its order. */
export function propertyLines({ properties, required }: JsonSchema): readonly PropertyLine[] {
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => {
    const { default: value, description } = isObject(schema) ? schema : {};
    return {
      name,
      type: typeOf(schema),
      required: needed.includes(name) && value === undefined,
      default: value === undefined ? undefined : JSON.stringify(value),
      description: typeof description === 'string' ? description : '',
    };
  });
}

const MOST_OPTIONS = 20;

/** What values a schema lets through, in a few words. */
export function typeOf(schema: unknown): string {
  if (!isObject(schema)) return 'anything';
  const { type, enum: values, const: only, items } = schema;
  const options = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(values)) return joined(values.map(shownValue));
  if (only !== undefined) return shownValue(only);
  if (Array.isArray(options)) return joined(options.map(typeOf));
  if (type === 'array') return `list of ${inBrackets(typeOf(items))}`;
  if (Array.isArray(type)) return joined(type.map(String));
  return typeof type === 'string' ? type : 'anything';
}

function joined(options: readonly string[]): string {
  const unique = [...new Set(options)];
  const more = unique.length > MOST_OPTIONS ? ' | …' : '';
  return unique.slice(0, MOST_OPTIONS).join(' | ') + more;
}

function inBrackets(type: string): string {
  return type.includes(' | ') ? `(${type})` : type;
}

function shownValue(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
