import type { Type } from '@nestjs/common';
import type { CompiledSchema } from '../../core/index.js';
import type { Node } from './node.js';
import type { NodeCategory, NodeExample } from './workflow-node.decorator.js';

/** A kind of node, its schemas ready to be listed and enforced. */
export interface NodeType {
  /** `CSVReaderNode`: unique in a server. */
  readonly type: string;
  readonly category: NodeCategory;
  readonly description: string;
  readonly parameters: CompiledSchema;
  /** `undefined`: anything. */
  readonly output: CompiledSchema | undefined;
  readonly openInputs: boolean;
  readonly readOnly: boolean;
  readonly examples: readonly NodeExample[];
  readonly nodeClass: Type<Node>;
  readonly node: Node;
}
