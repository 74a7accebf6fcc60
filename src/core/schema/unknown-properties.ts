import type { JsonSchema } from './compiled-schema.js';
import { MAX_FAULTS, formatPath, type Fault } from './fault.js';
import { isObject } from './json-schema.js';

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
    const properties = schema['properties'];
    if (!isObject(properties)) return undefined;
    const closed = schema['additionalProperties'] === false && !('patternProperties' in schema);
    const inner = new Map(Object.entries(properties).map(([name, entry]) => [name, this.visitor(entry)]));
    if (!closed && [...inner.values()].every((visit) => visit === undefined)) return undefined;
    const expected = [...inner.keys()].slice(0, SUGGESTED_NAMES).join(', ') || 'none';
    return (value, path, faults) => {
      if (!isObject(value)) return;
      for (const name of Object.keys(value)) {
        if (faults.length >= MAX_FAULTS) return;
        if (!inner.has(name)) {
          if (closed)
            faults.push({ path: formatPath([...path, name]), message: `is not known here; known: ${expected}` });
        } else inner.get(name)?.(value[name], [...path, name], faults);
      }
    };
  }

  #items(schema: JsonSchema): Visit | undefined {
    const visit = this.visitor(schema['items']);
    if (visit === undefined) return undefined;
    return (value, path, faults) => {
      if (!Array.isArray(value)) return;
      for (let index = 0; index < value.length && faults.length < MAX_FAULTS; index++) {
        visit(value[index], [...path, index], faults);
      }
    };
  }

  /** A property is unknown to a union when no branch knows it; which branch applies is the library's to say. */
  #branches(schema: JsonSchema): Visit | undefined {
    const branches = schema['anyOf'] ?? schema['oneOf'];
    if (!Array.isArray(branches)) return undefined;
    const visits = branches.map((branch: unknown) => this.visitor(branch));
    if (visits.every((visit) => visit === undefined)) return undefined;
    return (value, path, faults) => {
      if (!isObject(value) && !Array.isArray(value)) return;
      let fewest: readonly Fault[] | undefined;
      for (const visit of visits) {
        const found: Fault[] = [];
        visit?.(value, path, found);
        if (found.length === 0) return;
        if (fewest === undefined || found.length < fewest.length) fewest = found;
      }
      faults.push(...(fewest ?? []));
    };
  }

  /** Local references only, resolved once and late, so that recursive schemas end. */
  #reference(schema: JsonSchema): Visit | undefined {
    const pointer = schema['$ref'];
    if (typeof pointer !== 'string' || !pointer.startsWith('#/')) return undefined;
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

function resolvePointer(root: JsonSchema, pointer: string): unknown {
  let found: unknown = root;
  for (const segment of pointer.slice(2).split('/')) {
    const key = decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
    found = isObject(found) ? found[key] : undefined;
  }
  return found;
}
