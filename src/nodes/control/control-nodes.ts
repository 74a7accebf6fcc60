import type { Provider } from '@nestjs/common';
import { MergeNode } from './merge.node.js';
import { SwitchNode } from './switch.node.js';

/** The nodes that choose ways through a workflow and bring them together. */
export const CONTROL_NODES: readonly Provider[] = [SwitchNode, MergeNode];
