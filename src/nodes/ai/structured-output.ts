import {
  SchemaCompiler,
  ToolError,
  describeFault,
  type CompiledSchema,
  type Fault,
  type JsonSchema,
} from '../../core/index.js';
import { findJson } from './find-json.js';
import { costlyKeywordIn } from './schema-patterns.js';

const MAX_SCHEMA_BYTES = 65_536;

/** An answer that is to be JSON of a schema. */
export type StructuredResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly Fault[] };

/** Asks a model for JSON of a schema, and holds its answer against it. */
export class StructuredOutput {
  private constructor(
    readonly schema: JsonSchema,
    private readonly compiled: CompiledSchema,
  ) {}

  /**
   * @throws ToolError when the schema is too large, wrong, or has patterns or references: callers write schemas,
   *   and a small one of theirs could hold the server up
   */
  static async of(schema: JsonSchema): Promise<StructuredOutput> {
    if (Buffer.byteLength(JSON.stringify(schema)) > MAX_SCHEMA_BYTES) {
      throw new ToolError(`The schema of the answer has more than ${MAX_SCHEMA_BYTES} bytes. Make it smaller.`);
    }
    let compiled: CompiledSchema;
    try {
      const costly = costlyKeywordIn(schema);
      if (costly !== undefined)
        throw new Error(`${costly} is not served here; write the schema out, with enum, format or maxLength`);
      compiled = await new SchemaCompiler().compile(schema, 'output');
    } catch (error) {
      throw new ToolError(`The schema of the answer cannot be used: ${(error as Error).message}`, {}, { cause: error });
    }
    return new StructuredOutput(schema, compiled);
  }

  /** What the model is told: providers that enforce a schema need it as well to fill it with sense. */
  get instructions(): string {
    return `Answer with one JSON value and nothing else: no explanation, no code fence. It must be valid for this JSON Schema:\n${JSON.stringify(this.schema)}`;
  }

  /** Reads an answer, with or without a code fence around it. */
  async read(text: string): Promise<StructuredResult> {
    const found = findJson(text);
    if (found === undefined) {
      return { ok: false, faults: [{ path: '', message: 'the answer must be one JSON value and nothing else' }] };
    }
    const result = await this.compiled.parse(found.value);
    return result.ok ? { ok: true, value: result.value } : result;
  }

  /** What the model is told of an answer that does not fit. */
  repair(faults: readonly Fault[]): string {
    return `Your answer does not fit the schema:\n${faults.map((fault) => `- ${describeFault(fault)}`).join('\n')}\nAnswer again with the whole JSON value, corrected, and nothing else.`;
  }
}
