export { McpPrompt, McpResource, McpTool } from './decorators.js';
export type {
  Completer,
  CompletionTarget,
  PromptOptions,
  PromptTarget,
  ResourceOptions,
  ResourceTarget,
  ToolOptions,
  ToolTarget,
} from './options.js';
export { propertiesOf } from './options.js';
export { CompletionRegistry, PromptRegistry, ResourceRegistry, ToolRegistry, completionName } from './registries.js';
export { RookeryServer, type Handler, type Named } from './rookery-server.js';
export { ToolsModule } from './tools.module.js';
