import type { CallToolResult } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ListPromptsResultSchema,
  ListResourceTemplatesResultSchema,
  ListResourcesResultSchema,
  ListToolsResultSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import {
  LIST_METHODS,
  requestParts,
  type Endpoint,
  type Entry,
  type LogMessage,
  type ReferenceClient,
} from './reference-client.js';

const LIST_RESULTS = {
  tools: ListToolsResultSchema,
  resources: ListResourcesResultSchema,
  resourceTemplates: ListResourceTemplatesResultSchema,
  prompts: ListPromptsResultSchema,
};

/** The client of `@modelcontextprotocol/sdk`, which speaks 2025-11-25. */
export async function connectLegacy(endpoint: Endpoint): Promise<ReferenceClient & { readonly client: Client }> {
  const client = new Client({ name: 'legacy', version: '0' });
  const logs: LogMessage[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params));
  const transport = transportTo(endpoint);
  try {
    await client.connect(transport);
  } catch (error) {
    await transport.close();
    throw error;
  }
  return {
    client,
    server: client.getServerVersion(),
    // The two packages write the same types with and without `| undefined`.
    capabilities: client.getServerCapabilities() as ReferenceClient['capabilities'],
    instructions: client.getInstructions(),
    logs,
    async page(list, cursor) {
      const params = cursor === undefined ? {} : { cursor };
      const request = { method: LIST_METHODS[list], params };
      const result: Readonly<Record<string, unknown>> = await client.request(request, LIST_RESULTS[list]);
      return {
        ...result,
        entries: result[list] as Entry[],
        nextCursor: result['nextCursor'] as string | undefined,
      };
    },
    async callTool(name, args = {}, given = {}) {
      const { params, options } = requestParts(given);
      const call = { name, arguments: args, ...params };
      return (await client.callTool(call, undefined, options)) as CallToolResult;
    },
    readResource: (uri) => client.readResource({ uri }),
    getPrompt: (name, args) => client.getPrompt({ name, ...(args && { arguments: args }) }),
    complete: (params) => client.complete(params),
    close: () => client.close(),
  };
}

function transportTo(endpoint: Endpoint): Transport {
  if (endpoint.kind === 'http') return new StreamableHTTPClientTransport(new URL(endpoint.url));
  if (endpoint.kind === 'memory') return endpoint.transport.connect();
  const { args, cwd = process.cwd(), env = {} } = endpoint;
  return new StdioClientTransport({ command: process.execPath, args: [...args], cwd, env, stderr: 'ignore' });
}
