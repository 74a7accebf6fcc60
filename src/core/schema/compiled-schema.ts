import type { Fault } from './fault.js';

/** A JSON Schema document (dialect 2020-12 unless `$schema` says otherwise). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a schema made of a value. */
export type ParseResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly Fault[] };

/** A schema, ready to be listed and enforced. */
export interface CompiledSchema {
  /** What clients see. */
  readonly jsonSchema: JsonSchema;
  /** Converts and checks a value: defaults applied, every fault named. Synchronous where the schema is. */
  readonly parse: (value: unknown) => ParseResult | Promise<ParseResult>;
}

/** Which way values flow: what a caller sends, or what a target returns. */
export type Direction = 'input' | 'output';
