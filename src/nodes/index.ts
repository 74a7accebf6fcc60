export { EmbeddingGeneratorNode } from './ai/embedding-generator.node.js';
export { LLMAgentNode } from './ai/llm-agent.node.js';
export { LlmProvider } from './ai/llm-provider.js';
export { LlmProviders } from './ai/llm-providers.js';
export { GraphQLClientNode } from './api/graphql-client.node.js';
export { HTTPRequestNode } from './api/http-request.node.js';
export { RESTClientNode } from './api/rest-client.node.js';
export { codeSelfTests } from './code/code-self-tests.js';
export { JavaScriptCodeNode } from './code/javascript-code.node.js';
export { PythonCodeNode } from './code/python-code.node.js';
export { MergeNode } from './control/merge.node.js';
export { SwitchNode } from './control/switch.node.js';
export { CSVReaderNode } from './data/csv/csv-reader.node.js';
export { CSVWriterNode } from './data/csv/csv-writer.node.js';
export { ParquetReaderNode } from './data/duckdb/parquet-reader.node.js';
export { DirectoryReaderNode } from './data/files/directory-reader.node.js';
export { JSONReaderNode } from './data/json/json-reader.node.js';
export { JSONWriterNode } from './data/json/json-writer.node.js';
export { SQLDatabaseNode } from './data/sql/sql-database.node.js';
export { CorrelationNode } from './data/statistics/correlation.node.js';
export { DataCleanerNode } from './data/statistics/data-cleaner.node.js';
export { StatisticsNode } from './data/statistics/statistics.node.js';
export { TextReaderNode } from './data/text/text-reader.node.js';
export { TextWriterNode } from './data/text/text-writer.node.js';
export { AggregateNode } from './data/transform/aggregate.node.js';
export { DataTransformer } from './data/transform/data-transformer.node.js';
export { FilterNode } from './data/transform/filter.node.js';
export { JoinNode } from './data/transform/join.node.js';
export { MapNode } from './data/transform/map.node.js';
export { SortNode } from './data/transform/sort.node.js';
export { NodeCatalogue } from './model/node-catalogue.js';
export { NodeFiles } from './model/node-files.js';
export type { NodeLog } from './model/node-log.js';
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
