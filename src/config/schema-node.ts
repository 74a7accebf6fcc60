import type { z } from 'zod';

/** One zod schema for each section of the configuration, owned by the module that reads it. */
export type ConfigSections = Readonly<Record<string, z.ZodType>>;

/** What a finished configuration looks like: every section as its schema gives it. */
export type Config<S extends ConfigSections> = { readonly [K in keyof S]: z.output<S[K]> };

interface NodeBase {
  readonly description: string | undefined;
  /** Printed as `***`, marked in the schema by `.meta({ secret: true })`. */
  readonly secret: boolean;
  readonly required: boolean;
  readonly nullable: boolean;
  /** What its own schema says; `undefined` when it says nothing. */
  readonly fallback: unknown;
}

/** A group of known keys. `open` groups take unknown ones too. */
export interface ObjectNode extends NodeBase {
  readonly kind: 'object';
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly open: boolean;
}

/** A map from names that the operator chooses. Its names may be secrets themselves. */
export interface RecordNode extends NodeBase {
  readonly kind: 'record';
  readonly element: SchemaNode;
  readonly secretKeys: boolean;
}

/** A list. */
export interface ArrayNode extends NodeBase {
  readonly kind: 'array';
  readonly element: SchemaNode;
}

/** One of some fixed values. */
export interface EnumNode extends NodeBase {
  readonly kind: 'enum';
  readonly values: readonly unknown[];
}

/** Any of some schemas. */
export interface UnionNode extends NodeBase {
  readonly kind: 'union';
  readonly options: readonly SchemaNode[];
  /** The keys of all options that are groups. */
  readonly properties: ReadonlyMap<string, SchemaNode>;
}

/** A number, with its bounds as far as the schema tells them. */
export interface NumberNode extends NodeBase {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  /** Exclusive bounds. */
  readonly above: number | undefined;
  readonly below: number | undefined;
}

/** A leaf that needs no more than its kind. */
export interface PlainNode extends NodeBase {
  readonly kind: 'boolean' | 'string' | 'other';
}

/** What the loader needs to know of a zod schema: wrappers gone, metadata gathered. */
export type SchemaNode = ObjectNode | RecordNode | ArrayNode | EnumNode | UnionNode | NumberNode | PlainNode;
