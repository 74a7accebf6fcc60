import { Module, type DynamicModule } from '@nestjs/common';
import { ToolsModule } from '../tools/index.js';
import { CursorCodec } from './cursor.js';
import { McpDispatcher } from './dispatcher.js';
import { Eras } from './eras/eras.js';
import { ListPages } from './list-pages.js';
import type { HttpMount } from './mcp.options.js';
import { CompletionMethods } from './methods/completion.js';
import { LifecycleMethods } from './methods/lifecycle.js';
import { McpMethods } from './methods/mcp-methods.js';
import { PromptMethods } from './methods/prompts.js';
import { ResourceMethods } from './methods/resources.js';
import { ToolMethods } from './methods/tools.js';
import { Shutdown } from './shutdown.js';
import { InMemoryTransport } from './transports/in-memory/in-memory-transport.js';
import { StdioTransport } from './transports/stdio/stdio-transport.js';
import { HttpEndpoint } from './transports/streamable-http/http-endpoint.js';
import { FrontMount, McpController } from './transports/streamable-http/http-mount.js';

/** The wire: one dispatcher, three transports. Takes its {@link McpOptions} from a global module. */
@Module({})
export class McpModule {
  static forRoot(mount: HttpMount): DynamicModule {
    return {
      module: McpModule,
      imports: [ToolsModule],
      controllers: mount === 'route' ? [McpController] : [],
      providers: [
        CursorCodec,
        Eras,
        ListPages,
        LifecycleMethods,
        ToolMethods,
        ResourceMethods,
        PromptMethods,
        CompletionMethods,
        McpMethods,
        McpDispatcher,
        HttpEndpoint,
        ...(mount === 'front' ? [FrontMount] : []),
        StdioTransport,
        InMemoryTransport,
        Shutdown,
      ],
      exports: [ToolsModule, HttpEndpoint, StdioTransport, InMemoryTransport],
    };
  }
}
