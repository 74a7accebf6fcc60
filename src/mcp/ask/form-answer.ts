import { isObject } from '../../core/index.js';

type Property = Readonly<Record<string, unknown>>;

/**
 * The content of a form, when it is what its schema asked for, without fields that were not asked for. Elicitation
 * schemas are flat objects of primitives and enums (S/client/elicitation, restricted schema), so nothing deeper is
 * looked at.
 */
export function formContent(schema: unknown, content: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(schema) || !isObject(content)) return undefined;
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Property>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const asked = Object.entries(content).filter(([name]) => Object.hasOwn(properties, name));
  const valid =
    required.every((name) => Object.hasOwn(content, name)) &&
    asked.every(([name, value]) => fits(properties[name], value));
  return valid ? Object.fromEntries(asked) : undefined;
}

function fits(property: Property | undefined, value: unknown): boolean {
  if (property === undefined) return false;
  const allowed = allowedValues(property);
  switch (property['type']) {
    case 'string':
      return typeof value === 'string' && (allowed?.includes(value) ?? within(property, value.length, 'Length'));
    case 'integer':
      return Number.isSafeInteger(value) && inRange(property, value as number);
    case 'number':
      return Number.isFinite(value) && inRange(property, value as number);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return (
        Array.isArray(value) &&
        within(property, value.length, 'Items') &&
        value.every((entry) => fits(itemsOf(property), entry))
      );
    default:
      return allowed?.includes(value) ?? false;
  }
}

/** Items of a multi-select list their values, titled or not; their type goes without saying. */
function itemsOf(property: Property): Property {
  return { type: 'string', ...(property['items'] as Property | undefined) };
}

function allowedValues(property: Property): readonly unknown[] | undefined {
  if (Array.isArray(property['enum'])) return property['enum'];
  const titled = property['oneOf'] ?? property['anyOf'];
  return Array.isArray(titled) ? titled.map((entry: Property) => entry['const']) : undefined;
}

function inRange({ minimum, maximum }: Property, value: number): boolean {
  return (typeof minimum !== 'number' || value >= minimum) && (typeof maximum !== 'number' || value <= maximum);
}

function within(property: Property, length: number, unit: 'Length' | 'Items'): boolean {
  const { [`min${unit}`]: least, [`max${unit}`]: most } = property;
  return (typeof least !== 'number' || length >= least) && (typeof most !== 'number' || length <= most);
}
