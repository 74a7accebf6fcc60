import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { CompiledSchema, Direction, JsonSchema, ParseResult } from './compiled-schema.js';
import { MAX_FAULTS, formatPath, type Fault } from './fault.js';
import { closeObjects } from './json-schema.js';
import { withFastUniqueItems } from './unique-items.js';
import { hasAtMost } from './value-size.js';

/** Values with more nodes than this get their first fault only: naming all of a huge value's would cost more than it helps. */
const MAX_NODES_FOR_ALL_FAULTS = 2_000;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

const OPTIONS: Options = { useDefaults: true, strict: false, validateFormats: true };
/** Formats are the library's to judge where one does, and its patterns need not be in the Unicode dialect. */
const SCREEN_OPTIONS: Options = { strict: false, validateFormats: false, unicodeRegExp: false };

/** Compiles raw JSON Schemas with ajv: dialect 2020-12, defaults applied, `$ref` resolved within the document only. */
export class RawJsonSchemaCompiler {
  readonly #first = withFormats(new Ajv2020(OPTIONS));
  readonly #every = withFormats(new Ajv2020({ ...OPTIONS, allErrors: true }));
  #screen: Ajv2020 | undefined;

  /** @throws Error when the schema itself is wrong, or names a dialect or reference that is not served. */
  compile(schema: JsonSchema, direction: Direction): CompiledSchema {
    const { $schema: dialect = DIALECT } = schema;
    if (String(dialect).replace(/#$/, '') !== DIALECT) {
      throw new Error(
        `the schema is written in ${String(dialect)}, but ${DIALECT} is what MCP clients read; convert it`,
      );
    }
    const jsonSchema = direction === 'input' ? closeObjects(schema) : schema;
    const document = { ...jsonSchema };
    delete document['$id'];
    const first = compiledBy(this.#first, document);
    let every: ValidateFunction | undefined;
    // Defaults are written into the value; a result may be an object that the target keeps.
    const copies = direction === 'output' && JSON.stringify(schema).includes('"default":');
    const parse = (given: unknown): ParseResult => {
      const value: unknown = copies ? structuredClone(given) : given;
      if (first(value)) return { ok: true, value };
      if (!hasAtMost(value, MAX_NODES_FOR_ALL_FAULTS)) return { ok: false, faults: faultsOf(first.errors) };
      every ??= compiledBy(this.#every, document);
      void every(value);
      return { ok: false, faults: faultsOf(every.errors ?? first.errors) };
    };
    return { jsonSchema, parse };
  }

  /**
   * The check that stops at the first fault and changes nothing, of a schema that a library listed. `undefined` where
   * ajv cannot compile it: then the library alone decides.
   */
  screen(listed: JsonSchema): ValidateFunction | undefined {
    const document = { ...listed };
    delete document['$id'];
    delete document['$schema'];
    try {
      return compiledBy((this.#screen ??= withFastUniqueItems(new Ajv2020(SCREEN_OPTIONS))), document);
    } catch {
      return undefined;
    }
  }
}

/** ajv keeps what it compiled for ever; tools come and go. */
function compiledBy(ajv: Ajv2020, document: JsonSchema): ValidateFunction {
  const validate = ajv.compile(document);
  ajv.removeSchema(document);
  return validate;
}

function withFormats(ajv: Ajv2020): Ajv2020 {
  formats.default(ajv);
  return withFastUniqueItems(ajv);
}

function faultsOf(errors: readonly ErrorObject[] | null | undefined): readonly Fault[] {
  return (errors ?? []).slice(0, MAX_FAULTS).map(faultOf);
}

function faultOf({ instancePath, keyword, message, params }: ErrorObject): Fault {
  const segments = instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  const given: Readonly<Record<string, unknown>> = params;
  if (keyword === 'required')
    return { path: formatPath([...segments, String(given['missingProperty'])]), message: 'is required' };
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = given['additionalProperty'] ?? given['unevaluatedProperty'];
    return { path: formatPath([...segments, String(name)]), message: 'is not known here' };
  }
  if (keyword === 'enum')
    return { path: formatPath(segments), message: `must be one of ${JSON.stringify(given['allowedValues'])}` };
  return { path: formatPath(segments), message: message ?? `breaks "${keyword}"` };
}
