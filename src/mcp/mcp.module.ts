import { Module, type DynamicModule } from '@nestjs/common';
import { ToolsModule } from '../tools/index.js';
import { Access } from './access/access.js';
import { ExposureCheck } from './access/exposure-check.js';
import { StreamCredentials } from './access/stream-credentials.js';
import { Rounds } from './ask/rounds.js';
import { CallRunner } from './call-runner.js';
import { CursorCodec } from './cursor.js';
import { McpDispatcher } from './dispatcher.js';
import { Eras } from './eras/eras.js';
import { SkillMethods } from './extensions/skills/skill-methods.js';
import { TaskMethods } from './extensions/tasks/task-methods.js';
import { TaskRunner } from './extensions/tasks/task-runner.js';
import { InMemoryTaskStore, TaskStore, TaskStoreFactory } from './extensions/tasks/task-store.js';
import { RefusedRequests } from './limits/refused-requests.js';
import { ResultLimit } from './limits/result-limit.js';
import { SlowClients } from './limits/slow-clients.js';
import { ListPages } from './list-pages.js';
import { McpOptions, type AdapterName, type HttpMount } from './mcp.options.js';
import { CompletionMethods } from './methods/completion.js';
import { LifecycleMethods } from './methods/lifecycle.js';
import { McpMethods } from './methods/mcp-methods.js';
import { PromptMethods } from './methods/prompts.js';
import { ResourceMethods } from './methods/resources.js';
import { ToolMethods } from './methods/tools.js';
import { Shutdown } from './shutdown.js';
import { SDK_ADAPTER } from './sdk-adapter/sdk-adapter.js';
import { McpTransportAdapter } from './transport-adapter.js';
import { InMemoryTransport } from './transports/in-memory/in-memory-transport.js';
import { NativeAdapter } from './transports/native-adapter.js';
import { StdioTransport } from './transports/stdio/stdio-transport.js';
import { LegacyHttp } from './transports/streamable-http/legacy-http.js';
import { ModernHttp } from './transports/streamable-http/modern-http.js';
import { ParamHeaders } from './transports/streamable-http/param-headers.js';
import { SessionStore } from './sessions/session-store.js';
import { ChangePublisher } from './change-publisher.js';
import { LoggingMethods } from './methods/logging.js';
import { SubscriptionMethods } from './methods/subscriptions.js';
import { ConnectionLimits } from './transports/streamable-http/connection-limits.js';
import { HttpDoor } from './transports/streamable-http/http-door.js';
import { HttpEndpoint } from './transports/streamable-http/http-endpoint.js';
import { FrontMount, McpController } from './transports/streamable-http/http-mount.js';
import { SilentConnections } from './transports/streamable-http/silent-connections.js';

/** The wire: one dispatcher, three transports. Takes its {@link McpOptions} from a global module. */
@Module({})
export class McpModule {
  static forRoot(mount: HttpMount, adapter: AdapterName): DynamicModule {
    return {
      module: McpModule,
      imports: [ToolsModule],
      controllers: mount === 'route' ? [McpController] : [],
      providers: [
        Access,
        ExposureCheck,
        StreamCredentials,
        CallRunner,
        CursorCodec,
        Eras,
        ListPages,
        RefusedRequests,
        ResultLimit,
        SlowClients,
        Rounds,
        TaskRunner,
        TaskMethods,
        SkillMethods,
        {
          provide: TaskStore,
          useFactory: taskStore,
          inject: [McpOptions, { token: TaskStoreFactory, optional: true }],
        },
        LifecycleMethods,
        ToolMethods,
        ResourceMethods,
        PromptMethods,
        CompletionMethods,
        McpMethods,
        McpDispatcher,
        SessionStore,
        ParamHeaders,
        ModernHttp,
        LegacyHttp,
        HttpDoor,
        HttpEndpoint,
        ChangePublisher,
        LoggingMethods,
        SubscriptionMethods,
        SilentConnections,
        ConnectionLimits,
        ...(mount === 'front' ? [FrontMount] : []),
        StdioTransport,
        InMemoryTransport,
        ...(adapter === 'sdk' ? SDK_ADAPTER : [{ provide: McpTransportAdapter, useClass: NativeAdapter }]),
        Shutdown,
      ],
      exports: [ToolsModule, McpTransportAdapter, HttpEndpoint, StdioTransport, InMemoryTransport],
    };
  }
}

/** @throws Error where tasks are to be kept in a database that nobody provides. */
function taskStore({ tasks }: McpOptions, database?: TaskStoreFactory): TaskStore {
  if (tasks.store === 'memory') return new InMemoryTaskStore(tasks.maxTasks);
  if (database !== undefined) return database.make(tasks.maxTasks);
  throw new Error('server.tasks.store is "database", which needs AdaptersModule; import it, or use "memory".');
}
