import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { z } from 'zod';
import { ResourceLocation } from './auth/index.js';
import { CoreModule, ServerStatus } from './core/index.js';
import {
  MCP_PATH,
  McpModule,
  McpOptions,
  serverOptions,
  transportsOptions,
  type AdapterName,
  type HttpMount,
} from './mcp/index.js';
import { PipelineModule, type EnhancerOptions } from './pipeline/index.js';

const { keepAliveMs } = transportsOptions.shape.http.unwrap().shape;

/** What {@link McpServerModule} takes; everything has a default. The keys are those of the section `server`. */
export const mcpServerOptions = serverOptions.extend({ keepAliveMs });

/** What {@link McpServerModule} takes. */
export type McpServerOptions = z.input<typeof mcpServerOptions>;

/** What must be known before options can be injected. */
export interface McpServerExtras extends EnhancerOptions {
  /** @default 'front' */
  readonly mount?: HttpMount | undefined;
  /** `sdk` needs `@modelcontextprotocol/sdk`. @default 'native' */
  readonly adapter?: AdapterName | undefined;
}

/** The builder takes out of the options what is named here. */
const EXTRAS: McpServerExtras = {
  mount: 'front',
  adapter: 'native',
  guards: [],
  interceptors: [],
  pipes: [],
  filters: [],
};

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<McpServerOptions>()
  .setClassMethodName('forRoot')
  .setExtras<McpServerExtras>(
    EXTRAS,
    (definition, { mount = 'front', adapter = 'native', guards, interceptors, pipes, filters }) => ({
      ...definition,
      global: true,
      imports: [
        ...(definition.imports ?? []),
        CoreModule,
        PipelineModule.forRoot({ guards, interceptors, pipes, filters }),
        McpModule.forRoot(mount, adapter),
      ],
    }),
  )
  .build();

/**
 * An MCP server in a Nest application: import it once, and every `@McpTool()`, `@McpResource()` and `@McpPrompt()` of
 * the application is served at `/mcp`.
 *
 * @example
 * ```ts
 * @Module({ imports: [McpServerModule.forRoot({ name: 'weather', version: '1.0.0' })], providers: [WeatherTools] })
 * export class AppModule {}
 * ```
 */
@Module({
  providers: [
    { provide: McpOptions, useFactory: parseOptions, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: ServerStatus, useFactory: statusOf, inject: [McpOptions] },
    { provide: ResourceLocation, useFactory: locationOf, inject: [McpOptions, ServerStatus] },
  ],
  exports: [McpOptions, ServerStatus, ResourceLocation, McpModule],
})
export class McpServerModule extends ConfigurableModuleClass {}

/** @throws Error listing every fault with its key. */
function parseOptions(options: McpServerOptions): McpOptions {
  const result = mcpServerOptions.safeParse(options);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${path.join('.') || '(options)'}: ${message}`);
  throw new Error(`McpServerModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}

/** `publicUrl` when it is set, as clients reach the server by it; else where it listens. */
function locationOf({ publicUrl, host, port }: McpOptions, status: ServerStatus): ResourceLocation {
  const configured = publicUrl === undefined ? undefined : new URL(MCP_PATH, publicUrl).href;
  return { url: () => configured ?? status.listening.get('http') ?? `http://${host}:${port}${MCP_PATH}` };
}

function statusOf({ name, version, title, description, websiteUrl }: McpOptions): ServerStatus {
  return new ServerStatus({ name, version, title, description, websiteUrl });
}
