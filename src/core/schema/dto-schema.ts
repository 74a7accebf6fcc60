import type { Type } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { CompiledSchema, Direction, JsonSchema, ParseResult } from './compiled-schema.js';
import { MAX_FAULTS, formatPath, type Fault } from './fault.js';
import { closeObjects, isObject } from './json-schema.js';
import { compileUnknownPropertyCheck } from './unknown-properties.js';
import { countObjects } from './value-size.js';

type SchemaOptions = NonNullable<Parameters<typeof import('class-validator-jsonschema').targetConstructorToSchema>[1]>;
type TransformerStorage = NonNullable<SchemaOptions['classTransformerMetadataStorage']>;
type MetadataStorage = ReturnType<typeof import('class-validator').getMetadataStorage>;

/** What class-transformer knows of a property with a declared type. */
interface TypeMetadata {
  readonly typeFunction: () => unknown;
}

/** class-transformer and class-validator take 7 µs for an object, good or bad, and can't be interrupted. */
const MAX_OBJECTS = 30_000;
const TOO_MANY: Fault = {
  path: '',
  message: `must not hold more than ${MAX_OBJECTS} objects; send fewer, or in several calls`,
};

/** class-transformer exports its metadata, which holds the types of nested properties, from this file only. */
const TRANSFORMER_STORAGE = 'class-transformer/cjs/storage.js';

/** The optional peers that a DTO class needs, loaded when the first one is met. */
interface DtoLibraries {
  readonly validator: typeof import('class-validator');
  readonly transformer: typeof import('class-transformer');
  readonly transformerStorage: TransformerStorage;
  readonly jsonSchema: typeof import('class-validator-jsonschema');
}

/**
 * Compiles a DTO class: class-validator decides, class-validator-jsonschema lists, the target gets an instance.
 *
 * @throws Error naming the packages to install, when they are not there, or when the class has no decorated property.
 */
export async function compileDto(dto: Type<object>, direction: Direction): Promise<CompiledSchema> {
  const libraries = await loadLibraries(dto);
  const source = listedSchema(dto, libraries);
  const jsonSchema = direction === 'input' ? closeObjects(source) : source;
  const unknownProperties = direction === 'input' ? compileUnknownPropertyCheck(jsonSchema) : undefined;
  const parse = async (value: unknown): Promise<ParseResult> => {
    if (!isObject(value)) return { ok: false, faults: [{ path: '', message: 'must be an object' }] };
    if (direction === 'input' && countObjects(value, MAX_OBJECTS) > MAX_OBJECTS)
      return { ok: false, faults: [TOO_MANY] };
    const instance = libraries.transformer.plainToInstance(dto, value);
    const errors = await libraries.validator.validate(instance, {
      forbidUnknownValues: true,
      validationError: { target: false },
    });
    const faults = [...(unknownProperties?.(value) ?? []), ...errors.flatMap((error) => faultsOf(error, []))];
    return faults.length === 0 ? { ok: true, value: instance } : { ok: false, faults: faults.slice(0, MAX_FAULTS) };
  };
  return { jsonSchema, parse };
}

async function loadLibraries(dto: Type): Promise<DtoLibraries> {
  try {
    const [validator, transformer, storage, jsonSchema] = await Promise.all([
      import('class-validator'),
      import('class-transformer'),
      import(TRANSFORMER_STORAGE) as Promise<{ readonly defaultMetadataStorage: TransformerStorage }>,
      import('class-validator-jsonschema'),
    ]);
    return { validator, transformer, transformerStorage: storage.defaultMetadataStorage, jsonSchema };
  } catch (error) {
    throw new Error(
      `the DTO class ${dto.name} needs class-validator: npm install class-validator class-transformer class-validator-jsonschema`,
      { cause: error },
    );
  }
}

const POINTER = '#/$defs/';

function listedSchema(dto: Type, { validator, transformerStorage, jsonSchema }: DtoLibraries): JsonSchema {
  const options: Partial<SchemaOptions> = {
    classTransformerMetadataStorage: transformerStorage,
    classValidatorMetadataStorage: validator.getMetadataStorage(),
    refPointerPrefix: POINTER,
  };
  const own: JsonSchema = { ...jsonSchema.targetConstructorToSchema(dto, options) };
  if (!isObject(own['properties'])) {
    throw new Error(`the class ${dto.name} has no class-validator decorators, so there is nothing to list or to check`);
  }
  const classes = classesOf(dto, validator.getMetadataStorage(), transformerStorage);
  const definitions = jsonSchema.validationMetadatasToSchemas({
    ...options,
    classValidatorMetadataStorage: storageOf(classes, validator.getMetadataStorage()),
  });
  const used = referencedDefinitions(own, definitions);
  return Object.keys(used).length === 0 ? own : { ...own, $defs: used };
}

/**
 * The classes that a DTO consists of, with their base classes.
 *
 * @throws Error when two of them have the same name, by which JSON Schema would take one for the other.
 */
function classesOf(dto: Type, storage: MetadataStorage, types: TransformerStorage): ReadonlySet<unknown> {
  const classes = new Set<Type>([dto]);
  for (const type of classes) {
    const base: unknown = Object.getPrototypeOf(type);
    if (typeof base === 'function' && base !== Function.prototype) classes.add(base as Type);
    for (const { target, propertyName } of storage.getTargetValidationMetadatas(type, '', true, false)) {
      const declared = types.findTypeMetadata(target as Type, propertyName) as TypeMetadata | undefined;
      const prototype = (target as Type).prototype as object;
      const nested: unknown = declared?.typeFunction() ?? Reflect.getMetadata('design:type', prototype, propertyName);
      if (typeof nested === 'function' && isValidated(nested, storage)) classes.add(nested as Type);
    }
  }
  const names = [...classes].map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return classes;
  throw new Error(`the DTO class ${dto.name} consists of two classes named ${twice}; give one of them another name`);
}

function isValidated(type: object, storage: MetadataStorage): boolean {
  return storage.getTargetValidationMetadatas(type as Type, '', true, false).length > 0;
}

/** class-validator keeps the classes of the whole process in one storage; this is the part of it that concerns a DTO. */
function storageOf(classes: ReadonlySet<unknown>, storage: MetadataStorage): MetadataStorage {
  const { validationMetadatas: all } = storage as unknown as { readonly validationMetadatas: Map<unknown, unknown> };
  const own = new Map([...all].filter(([type]) => classes.has(type)));
  return Object.create(storage, { validationMetadatas: { value: own } }) as MetadataStorage;
}

function referencedDefinitions(
  schema: unknown,
  definitions: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const used: Record<string, unknown> = {};
  const pending: unknown[] = [schema];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (Array.isArray(node)) pending.push(...(node as unknown[]));
    else if (isObject(node)) {
      const name = typeof node['$ref'] === 'string' ? node['$ref'].slice(POINTER.length) : undefined;
      if (name !== undefined && !(name in used) && definitions[name] !== undefined) {
        used[name] = definitions[name];
        pending.push(definitions[name]);
      }
      pending.push(...Object.values(node).filter((entry) => typeof entry === 'object'));
    }
  }
  return used;
}

function faultsOf(error: ValidationError, parents: readonly string[]): readonly Fault[] {
  const path = [...parents, error.property];
  const own = Object.values(error.constraints ?? {}).map((message) => ({ path: formatPath(path), message }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, path))];
}
