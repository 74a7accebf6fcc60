import type { JsonSchema } from './compiled-schema.js';
import { MAX_FAULTS, formatPath, type Fault } from './fault.js';
import { isObject, resolvePointer } from './json-schema.js';

/** Finds the properties of a value that its listed schema does not allow. */
export type UnknownPropertyCheck = (value: unknown) => readonly Fault[];

type Visit = (value: unknown, path: readonly PropertyKey[], faults: Fault[]) => void;

const NONE: readonly Fault[] = [];
const SUGGESTED_NAMES = 10;

/**
 * Compiles the check that libraries differ on: zod drops unknown properties, ArkType keeps them, class-validator can do
 * either. The listed schema decides for all of them, so that a client is refused exactly what it was told.
 */
export function compileUnknownPropertyCheck(schema: JsonSchema): UnknownPropertyCheck {
  const visit = new Compiler(schema).visitor(schema);
  if (visit === undefined) return () => NONE;
  return (value) => {
    const faults: Fault[] = [];
    visit(value, [], faults);
    return faults;
  };
}

class Compiler {
  readonly #references = new Map<string, Visit>();

  constructor(private readonly root: JsonSchema) {}

  /** `undefined` when nothing below this schema can be unknown. */
  visitor(schema: unknown): Visit | undefined {
    if (!isObject(schema)) return undefined;
    const visits = [this.#object(schema), this.#items(schema), this.#branches(schema), this.#reference(schema)];
    const present = visits.filter((visit) => visit !== undefined);
    if (present.length <= 1) return present[0];
    return (value, path, faults) => present.forEach((visit) => visit(value, path, faults));
  }

  #object(schema: JsonSchema): Visit | undefined {
    const { properties = {}, additionalProperties: other } = schema;
    if (!isObject(properties) || 'patternProperties' in schema) return undefined;
    const closed = other === false;
    const others = this.visitor(other);
    const inner = new Map(Object.entries(properties).map(([name, entry]) => [name, this.visitor(entry)]));
    if (!closed && [others, ...inner.values()].every((visit) => visit === undefined)) return undefined;
    const expected = [...inner.keys()].slice(0, SUGGESTED_NAMES).join(', ') || 'none';
    return (value, path, faults) => {
      if (!isObject(value)) return;
      for (const name of Object.keys(value)) {
        if (faults.length >= MAX_FAULTS) return;
        if (inner.has(name)) inner.get(name)?.(value[name], [...path, name], faults);
        else if (!closed) others?.(value[name], [...path, name], faults);
        else faults.push({ path: formatPath([...path, name]), message: `is not known here; known: ${expected}` });
      }
    };
  }

  #items(schema: JsonSchema): Visit | undefined {
    const { prefixItems, items } = schema;
    const first = Array.isArray(prefixItems) ? prefixItems.map((entry: unknown) => this.visitor(entry)) : [];
    const rest = this.visitor(items);
    if ([rest, ...first].every((visit) => visit === undefined)) return undefined;
    return (value, path, faults) => {
      if (!Array.isArray(value)) return;
      for (let index = 0; index < value.length && faults.length < MAX_FAULTS; index++) {
        const visit = index < first.length ? first[index] : rest;
        visit?.(value[index], [...path, index], faults);
      }
    };
  }

  /**
   * A property is unknown to a union when no branch knows it that the value could be of, by its type and its constants;
   * which of several applies is the library's to say.
   */
  #branches(schema: JsonSchema): Visit | undefined {
    const listed = schema['anyOf'] ?? schema['oneOf'];
    if (!Array.isArray(listed)) return undefined;
    const branches = listed.map((branch: unknown) => ({ branch, visit: this.visitor(branch) }));
    if (branches.every(({ visit }) => visit === undefined)) return undefined;
    return (value, path, faults) => {
      if (!isObject(value) && !Array.isArray(value)) return;
      let fewest: readonly Fault[] | undefined;
      for (const { branch, visit } of branches) {
        if (!couldBe(value, this.#resolved(branch))) continue;
        const found: Fault[] = [];
        visit?.(value, path, found);
        if (found.length === 0) return;
        if (fewest === undefined || found.length < fewest.length) fewest = found;
      }
      faults.push(...(fewest ?? []));
    };
  }

  #resolved(schema: unknown): unknown {
    const pointer = isObject(schema) ? schema['$ref'] : undefined;
    return typeof pointer === 'string' ? resolvePointer(this.root, pointer) : schema;
  }

  /** Local references only, resolved once and late, so that recursive schemas end. */
  #reference(schema: JsonSchema): Visit | undefined {
    const pointer = schema['$ref'];
    if (typeof pointer !== 'string') return undefined;
    return (value, path, faults) => {
      let visit = this.#references.get(pointer);
      if (visit === undefined) {
        visit = this.visitor(resolvePointer(this.root, pointer)) ?? (() => undefined);
        this.#references.set(pointer, visit);
      }
      visit(value, path, faults);
    };
  }
}

/** Whether the type of a value and its constants, which tell the branches of a union apart, are those of a schema. */
function couldBe(value: unknown, schema: unknown): boolean {
  if (!isObject(schema)) return schema !== false;
  const { type, properties } = schema;
  const types: unknown[] = Array.isArray(type) ? type : [type];
  if (type !== undefined && !types.includes(Array.isArray(value) ? 'array' : 'object')) return false;
  if (!isObject(properties) || !isObject(value)) return true;
  return Object.entries(properties).every(
    ([name, property]) =>
      !(Object.hasOwn(value, name) && isObject(property) && 'const' in property) || property['const'] === value[name],
  );
}
