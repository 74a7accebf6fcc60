export { EmbeddingGeneratorNode } from './ai/embedding-generator.node.js';
export { LLMAgentNode } from './ai/llm-agent.node.js';
export { LlmProvider } from './ai/llm-provider.js';
export { LlmProviders } from './ai/llm-providers.js';
export { GraphQLClientNode } from './api/graphql-client.node.js';
export { HTTPRequestNode } from './api/http-request.node.js';
export { RESTClientNode } from './api/rest-client.node.js';
export { JavaScriptCodeNode } from './code/javascript-code.node.js';
export { PythonCodeNode } from './code/python-code.node.js';
export { CSVReaderNode } from './data/csv/csv-reader.node.js';
export { NodeCatalogue } from './model/node-catalogue.js';
export { NodeFiles } from './model/node-files.js';
export { NodeRunner, type NodeRunOptions } from './model/node-runner.js';
export { NodeSecrets, type SecretSource } from './model/node-secrets.js';
export type { NodeType } from './model/node-type.js';
export { Node, type NodeContext } from './model/node.js';
export { secretRef } from './model/secret-ref.js';
export {
  WorkflowNode,
  type NodeCategory,
  type NodeExample,
  type WorkflowNodeOptions,
} from './model/workflow-node.decorator.js';
export { NodesModule, type NodesModuleOptions } from './nodes.module.js';
export { nodesOptions, type NodesOptions } from './nodes.options.js';
export { McpNodeTool } from './tools/mcp-node-tool.decorator.js';
export type { McpNodeToolOptions, NodeConfiguration, NodeToolOptions } from './tools/node-tool.options.js';
export { NodeTools } from './tools/node-tools.js';
