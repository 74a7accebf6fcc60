import type { Type } from '@nestjs/common';
import type { CompiledSchema, Direction, JsonSchema, ParseResult } from './compiled-schema.js';
import { compileDto } from './dto-schema.js';
import { isObject } from './json-schema.js';
import { sparingLargeValues } from './large-values.js';
import { RawJsonSchemaCompiler } from './raw-json-schema.js';
import { compileStandardSchema, isStandardSchema, type StandardSchema } from './standard-schema.js';

/** A Standard Schema from a library that can't write JSON Schema (Valibot), with the JSON Schema to list beside it. */
export interface SchemaWithJson {
  readonly schema: StandardSchema;
  readonly jsonSchema: JsonSchema;
}

/** What a schema may be: Standard Schema (zod, ArkType, …), raw JSON Schema, or a class-validator DTO class. */
export type SchemaSource = StandardSchema | SchemaWithJson | Type<object> | JsonSchema;

/** The listed and enforced schema of a target that takes no arguments. */
export const NO_ARGUMENTS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

/** Turns any supported schema into one that can be listed and enforced. */
export class SchemaCompiler {
  #raw: RawJsonSchemaCompiler | undefined;

  /** @throws Error saying what is wrong with the schema and how to repair it. */
  async compile(source: SchemaSource, direction: Direction): Promise<CompiledSchema> {
    const compiled = await this.#compile(source, direction);
    if (direction === 'output') return compiled;
    const jsonSchema = objectAtRoot(compiled.jsonSchema);
    const parse = isRaw(source)
      ? compiled.parse
      : sparingLargeValues(compiled.parse, () => this.#compiler.screen(jsonSchema));
    return { jsonSchema, parse: refusingDepth(parse) };
  }

  get #compiler(): RawJsonSchemaCompiler {
    return (this.#raw ??= new RawJsonSchemaCompiler());
  }

  #compile(source: SchemaSource, direction: Direction): CompiledSchema | Promise<CompiledSchema> {
    if (isStandardSchema(source)) return compileStandardSchema(source, direction);
    if (typeof source === 'function') return compileDto(source, direction);
    if (isSchemaWithJson(source)) return compileStandardSchema(source.schema, direction, source.jsonSchema);
    return this.#compiler.compile(source, direction);
  }
}

/** ajv stops at the first fault of a large value by itself. */
function isRaw(source: SchemaSource): boolean {
  return !isStandardSchema(source) && typeof source !== 'function' && !isSchemaWithJson(source);
}

function isSchemaWithJson(source: SchemaWithJson | JsonSchema): source is SchemaWithJson {
  return 'schema' in source && isStandardSchema(source.schema) && isObject(source.jsonSchema);
}

/** Libraries descend by recursion: arguments nested deeper than the stack are the caller's fault, not the server's. */
function refusingDepth(parse: CompiledSchema['parse']): CompiledSchema['parse'] {
  const refuse = (error: unknown): ParseResult => {
    if (!(error instanceof RangeError && error.message.includes('call stack'))) throw error;
    return { ok: false, faults: [{ path: '', message: 'must not be nested so deeply' }] };
  };
  return (value) => {
    try {
      const result = parse(value);
      return result instanceof Promise ? result.catch(refuse) : result;
    } catch (error) {
      return refuse(error);
    }
  };
}

/** MCP asks for `type: object` at the root of arguments; a union of objects is one that says so only in its branches. */
function objectAtRoot(schema: JsonSchema): JsonSchema {
  if (schema['type'] === 'object') return schema;
  const branches = schema['anyOf'] ?? schema['oneOf'];
  const ofObjects =
    Array.isArray(branches) && branches.every((branch) => isObject(branch) && branch['type'] === 'object');
  if (ofObjects) return { type: 'object', ...schema };
  throw new Error(`arguments are an object in MCP, so the schema must have type "object" at its root`);
}
