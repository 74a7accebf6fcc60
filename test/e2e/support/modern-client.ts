import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import {
  LIST_METHODS,
  requestParts,
  type Endpoint,
  type Entry,
  type LogMessage,
  type ReferenceClient,
} from './reference-client.js';

/** `@modelcontextprotocol/client`, which speaks 2026-07-28 and nothing else here. */
export async function connectModern(endpoint: Endpoint): Promise<ReferenceClient> {
  const client = new Client({ name: 'modern', version: '0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const logs: LogMessage[] = [];
  client.setNotificationHandler('notifications/message', ({ params }) => void logs.push(params));
  const transport = transportTo(endpoint);
  try {
    await client.connect(transport);
  } catch (error) {
    await transport.close();
    throw error;
  }
  return {
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    logs,
    async page(list, cursor) {
      const params = cursor === undefined ? {} : { cursor };
      const result: Readonly<Record<string, unknown>> = await client.request({ method: LIST_METHODS[list], params });
      return {
        ...result,
        entries: result[list] as Entry[],
        nextCursor: result['nextCursor'] as string | undefined,
      };
    },
    callTool(name, args = {}, given = {}) {
      const { params, options } = requestParts(given);
      return client.callTool({ name, arguments: args, ...params }, options);
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
