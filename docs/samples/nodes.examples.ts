import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import {
  CSVReaderNode,
  McpNodeTool,
  McpServerModule,
  Node,
  NodeTools,
  NodesModule,
  PermissionsModule,
  ResilienceModule,
  ToolCacheModule,
  ToolError,
  WorkflowNode,
  secretRef,
  type NodeConfiguration,
  type NodeContext,
} from '../../src/index.js';

//#region node
const parameters = z.strictObject({
  text: z.string().describe('What is counted.'),
  shortest: z.int().min(1).default(1).describe('Letters that a word must have to count.'),
});
const output = z.strictObject({ words: z.int() });

@WorkflowNode({
  category: 'transform',
  description: 'Count the words of a text.',
  parameters,
  output,
  readOnly: true,
  examples: [{ title: 'long words', parameters: { text: 'nodes are tools', shortest: 4 } }],
})
export class WordCountNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  override run({ text, shortest }: z.output<typeof parameters>): z.output<typeof output> {
    if (text.trim() === '') throw new ToolError('There is nothing to count: give `text`.');
    return { words: text.split(/\s+/).filter((word) => word.length >= shortest).length };
  }
}
//#endregion

//#region decorator
@Injectable()
export class ReportTools {
  @McpNodeTool({
    node: CSVReaderNode,
    description: 'Read a report of a month',
    inputSchema: z.strictObject({ month: z.string().regex(/^\d{4}-\d{2}$/) }),
    cacheTtl: 300, // seconds
    rateLimit: 30, // a minute, for each caller
  })
  readReport({ month }: { month: string }): NodeConfiguration {
    return { node_config: { file_path: `reports/${month}.csv`, delimiter: ';', max_rows: 1_000 } };
  }
}
//#endregion

//#region call
@Injectable()
export class CountingTools implements OnApplicationBootstrap {
  constructor(private readonly nodeTools: NodeTools) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.nodeTools.registerNodeTool(WordCountNode, 'count_words', { requiredPermissions: ['read'] });
  }
}
//#endregion

//#region module
@Module({
  imports: [
    McpServerModule.forRoot({ name: 'reports' }),
    ToolCacheModule.forRoot({}),
    ResilienceModule.forRoot({}),
    PermissionsModule.forRoot({ roles: { analyst: ['read'] } }),
    NodesModule.forRoot({ roots: { reports: { path: './reports' } } }),
  ],
  providers: [WordCountNode, ReportTools, CountingTools],
})
export class ReportsModule {}
//#endregion

const signed = z.strictObject({
  text: z.string().describe('What is signed.'),
  key_ref: secretRef('The key, one of nodes.secrets.'),
});

@WorkflowNode({ category: 'transform', description: 'Say how long a key is.', parameters: signed })
export class KeyLengthNode extends Node<z.output<typeof signed>, { bits: number }> {
  //#region secret
  override run({ key_ref }: z.output<typeof signed>, context: NodeContext): { bits: number } {
    return { bits: context.secret(key_ref).length * 8 };
  }
  //#endregion
}
