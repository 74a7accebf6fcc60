import type { Type } from '@nestjs/common';
import type { Policy, SchemaSource, ToolAnnotations } from '../../core/index.js';
import type { Node } from '../model/node.js';

/** What a node says of itself as a tool, and what the pipeline enforces for it. */
export interface NodeToolOptions extends Policy {
  /** @default the node's own */
  readonly description?: string | undefined;
  /** For people; the name when absent. */
  readonly title?: string | undefined;
  readonly annotations?: ToolAnnotations | undefined;
  /** Whether calls become tasks that clients fetch the result of later (SEP-2663). @default never */
  readonly task?: 'optional' | 'required' | undefined;
}

/** What `@McpNodeTool()` takes. */
export interface McpNodeToolOptions extends NodeToolOptions {
  readonly node: Type<Node>;
  /** @default the method's name in snake_case */
  readonly toolName?: string | undefined;
  /** Schema of the tool's arguments. @default the DTO class of the first parameter, else no arguments */
  readonly inputSchema?: SchemaSource | undefined;
}

/** What a method with `@McpNodeTool()` returns. */
export interface NodeConfiguration {
  /** The node's parameters. */
  readonly node_config: Readonly<Record<string, unknown>>;
  /** For nodes with open inputs. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
}
