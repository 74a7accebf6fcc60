export { McpPrompt, McpResource, McpTool } from './decorators.js';
export type {
  Completer,
  CompletionTarget,
  PromptOptions,
  PromptTarget,
  ResourceOptions,
  ResourceTarget,
  ResourceUi,
  ToolOptions,
  ToolTarget,
  ToolUi,
} from './options.js';
export { APP_MIME_TYPE, isApp, propertiesOf } from './options.js';
export { CompletionRegistry, PromptRegistry, ResourceRegistry, ToolRegistry, completionName } from './registries.js';
export { RookeryServer, type Handler, type HealthCheckOptions, type Named } from './rookery-server.js';
export { TargetFactory, snakeCase, type TargetSource } from './target-factory.js';
export { ToolsModule } from './tools.module.js';
