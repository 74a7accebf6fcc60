import { SetMetadata, applyDecorators } from '@nestjs/common';
import { SetPolicy, markEntryProvider, type Policy } from '../../core/index.js';
import type { McpNodeToolOptions } from './node-tool.options.js';

/** Where {@link McpNodeTool} stores what it was given. */
export const NODE_TOOL_METADATA = 'rookery:node-tool';

/**
 * Makes a tool of a node: the method gets the validated arguments and the call, and returns `{ node_config }`, the
 * node's parameters; what the node returns is the tool's result.
 *
 * @example
 * ```ts
 * @McpNodeTool({ node: CSVReaderNode, toolName: 'read_csv_file', description: 'Read a CSV file', cacheTtl: 300, inputSchema })
 * csvReader({ file_path }: { file_path: string }): NodeConfiguration {
 *   return { node_config: { file_path, include_headers: true } };
 * }
 * ```
 */
export function McpNodeTool(options: McpNodeToolOptions): MethodDecorator {
  const mark: MethodDecorator = (prototype, methodName) => markEntryProvider(prototype, methodName);
  return applyDecorators(SetMetadata(NODE_TOOL_METADATA, options), SetPolicy(policyOfNodeTool(options)), mark);
}

const OWN_KEYS: ReadonlySet<string> = new Set([
  'node',
  'toolName',
  'description',
  'title',
  'annotations',
  'task',
  'inputSchema',
]);

/** What of the options is for the pipeline to enforce: everything that does not describe the tool. */
export function policyOfNodeTool(options: McpNodeToolOptions): Policy {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !OWN_KEYS.has(key)));
}
