import { Injectable, SetMetadata, applyDecorators } from '@nestjs/common';
import type { SchemaSource } from '../../core/index.js';

/** Where {@link WorkflowNode} stores what it was given. */
export const WORKFLOW_NODE = 'rookery:node';

/** What kinds of nodes there are; a team may have its own. */
export type NodeCategory = 'data' | 'transform' | 'api' | 'code' | 'ai' | 'control' | (string & {});

/** A use of a node, shown by the catalogue. Tests run those of our nodes. */
export interface NodeExample {
  readonly title: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What a node with open inputs is handed. */
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** What {@link WorkflowNode} takes. */
export interface WorkflowNodeOptions {
  /** What workflows call it. @default the name of the class */
  readonly type?: string;
  readonly category: NodeCategory;
  /** What it does, for people and models. */
  readonly description: string;
  /** Schema of an object. Unknown parameters are refused. */
  readonly parameters: SchemaSource;
  /** Schema of what it returns. @default anything */
  readonly output?: SchemaSource;
  /** Whether it takes inputs it did not declare: variables of code, context of a prompt. @default false */
  readonly openInputs?: boolean;
  /** Whether it changes nothing outside. @default false */
  readonly readOnly?: boolean;
  readonly examples?: readonly NodeExample[];
}

/**
 * Makes a class that extends `Node` a node: injectable, checked, in the catalogue. Provide it in a module.
 *
 * @example
 * ```ts
 * @WorkflowNode({ category: 'transform', description: 'Upper case', parameters: z.strictObject({ text: z.string() }) })
 * export class UpperCaseNode extends Node<{ text: string }, string> {
 *   override run({ text }: { text: string }): string {
 *     return text.toUpperCase();
 *   }
 * }
 * ```
 */
export function WorkflowNode(options: WorkflowNodeOptions): ClassDecorator {
  return applyDecorators(Injectable(), SetMetadata(WORKFLOW_NODE, options));
}
