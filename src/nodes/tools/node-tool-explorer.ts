import { Injectable } from '@nestjs/common';
import { MethodExplorer } from '../../core/index.js';
import { NODE_TOOL_METADATA } from './mcp-node-tool.decorator.js';
import type { McpNodeToolOptions } from './node-tool.options.js';
import { NodeTools } from './node-tools.js';

/** Serves what `@McpNodeTool()` declares. All faults are reported at once. */
@Injectable()
export class NodeToolExplorer {
  constructor(
    private readonly methods: MethodExplorer,
    private readonly nodeTools: NodeTools,
  ) {}

  /** @throws Error listing every fault with its class and method. */
  async explore(): Promise<void> {
    const faults: string[] = [];
    for (const { metadata, origin, method } of this.methods.methodsWith<McpNodeToolOptions>(NODE_TOOL_METADATA)) {
      await this.nodeTools.add(metadata, { origin, body: method }).catch((error: unknown) => {
        faults.push((error as Error).message);
      });
    }
    if (faults.length > 0) {
      throw new Error(`The server cannot start; ${faults.length} node tool(s) are wrong:\n- ${faults.join('\n- ')}`);
    }
  }
}
