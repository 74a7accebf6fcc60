import type { CompiledSchema, Direction, JsonSchema, ParseResult } from './compiled-schema.js';
import { MAX_FAULTS, formatPath, type Fault } from './fault.js';
import { closeObjects } from './json-schema.js';
import { compileUnknownPropertyCheck } from './unknown-properties.js';

/** The part of the Standard Schema specification (standardschema.dev, version 1) that is used here. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Standard JSON Schema: present in zod and ArkType, absent in Valibot. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
      readonly output: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
    };
  };
}

type StandardResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** zod's kind of issue, and the properties that it is about. */
  readonly code?: unknown;
  readonly keys?: readonly string[] | undefined;
}

/** Whether a value follows Standard Schema. ArkType's schemas are functions, zod's are objects. */
export function isStandardSchema(source: unknown): source is StandardSchema {
  return ((typeof source === 'object' && source !== null) || typeof source === 'function') && '~standard' in source;
}

/**
 * Compiles a Standard Schema.
 *
 * @param listed - the JSON Schema to list, for libraries that cannot make one; else the library's own is used.
 * @throws Error with the fix, when there is neither, or the library can't express the schema in JSON.
 */
export function compileStandardSchema(
  schema: StandardSchema,
  direction: Direction,
  listed?: JsonSchema,
): CompiledSchema {
  const standard = schema['~standard'];
  const source = listed ?? jsonSchemaOf(schema, direction);
  const jsonSchema = direction === 'input' ? closeObjects(source) : source;
  const unknownProperties = direction === 'input' ? compileUnknownPropertyCheck(jsonSchema) : undefined;
  const finish = (value: unknown, result: StandardResult<unknown>): ParseResult => {
    const unknown = unknownProperties?.(value) ?? [];
    if (result.issues === undefined && unknown.length === 0) return { ok: true, value: result.value };
    return { ok: false, faults: mergeFaults((result.issues ?? []).flatMap(faultsOf), unknown) };
  };
  return {
    jsonSchema,
    parse: (value) => {
      const result = standard.validate(value);
      return result instanceof Promise ? result.then((settled) => finish(value, settled)) : finish(value, result);
    },
  };
}

/** A strict library names an unknown property too: one fault is enough, and ours says which are known. */
function mergeFaults(faults: readonly Fault[], unknown: readonly Fault[]): readonly Fault[] {
  const paths = new Set(unknown.map((fault) => fault.path));
  return [...faults.filter((fault) => !paths.has(fault.path)), ...unknown].slice(0, MAX_FAULTS);
}

function jsonSchemaOf(schema: StandardSchema, direction: Direction): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw new Error(
      `a ${vendor} schema carries no JSON Schema to list; write { schema, jsonSchema: { type: 'object', … } } instead`,
    );
  }
  try {
    const { $schema: _dialect, ...listed } = jsonSchema[direction]({ target: 'draft-2020-12' });
    return listed;
  } catch (error) {
    throw new Error(
      `${vendor} cannot write this schema as JSON Schema (${(error as Error).message}); ` +
        `use a type that JSON has, or write { schema, jsonSchema } with the JSON Schema to list`,
      { cause: error },
    );
  }
}

function faultsOf({ message, path = [], code, keys }: StandardIssue): readonly Fault[] {
  const segments = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
  // zod names the object that has unknown properties, and these beside it.
  if (code !== 'unrecognized_keys' || keys === undefined) return [{ path: formatPath(segments), message }];
  return keys.map((key) => ({ path: formatPath([...segments, key]), message: 'is not known here' }));
}
