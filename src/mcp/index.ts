export {
  InMemoryTaskStore,
  TaskStore,
  TaskStoreFactory,
  changedTask,
  type TaskChange,
} from './extensions/tasks/task-store.js';
export { isFinal, type TaskRecord, type TaskStatus } from './extensions/tasks/task.js';
export { McpModule } from './mcp.module.js';
export {
  McpOptions,
  serverOptions,
  transportsOptions,
  type AdapterName,
  type HttpMount,
  type ServerOptions,
  type TlsOptions,
  type TransportsOptions,
} from './mcp.options.js';
export { McpTransportAdapter } from './transport-adapter.js';
export { InMemoryClientTransport, InMemoryTransport } from './transports/in-memory/in-memory-transport.js';
export { reserveStdout } from './transports/stdio/reserve-stdout.js';
export { StdioTransport, type StdioStreams } from './transports/stdio/stdio-transport.js';
export { HttpEndpoint } from './transports/streamable-http/http-endpoint.js';
export { NameGuard } from './transports/streamable-http/name-guard.js';
export { MCP_PATH } from './transports/streamable-http/http-mount.js';
