import { isLoopback } from '../core/index.js';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';

/** A tool of another server, as far as it is needed to show and call it. */
export interface RemoteTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/** What a remote tool answered. */
export interface RemoteResult {
  readonly isError: boolean;
  readonly structuredContent?: unknown;
  readonly content: readonly Readonly<Record<string, unknown>>[];
}

/** A connection to an MCP server, seen from its client. */
export interface McpClient {
  listTools(): Promise<readonly RemoteTool[]>;
  /** @throws when the server has no such tool or can't be reached; a failing tool is a result with `isError`. */
  callTool(name: string, args: Readonly<Record<string, unknown>>): Promise<RemoteResult>;
  close(): Promise<void>;
}

const IDENTITY = { name: 'rookery', version: '0.1.0' };

/** How a server is reached over HTTP. */
export interface HttpConnectOptions {
  /** An API key or access token, sent as a bearer. */
  readonly credential?: string | undefined;
}

/**
 * Connects to a server over Streamable HTTP, in the newest era that both sides speak.
 *
 * @throws Error when a credential would go over plain HTTP to another host
 */
export async function connectHttp(url: string, { credential }: HttpConnectOptions = {}): Promise<McpClient> {
  const endpoint = new URL(url);
  if (credential === undefined) return connect(new StreamableHTTPClientTransport(endpoint));
  if (endpoint.protocol !== 'https:' && !isLoopback(endpoint.hostname)) {
    throw new Error(`A credential is not sent to ${endpoint.host} over plain HTTP; use https.`);
  }
  const headers = { authorization: `Bearer ${credential}` };
  return connect(new StreamableHTTPClientTransport(endpoint, { requestInit: { headers } }));
}

/** Connects over a transport that is already there, such as the in-memory one. */
export async function connect(transport: Transport): Promise<McpClient> {
  const client = new Client(IDENTITY, { versionNegotiation: { mode: 'auto' } });
  await client.connect(transport);
  return {
    listTools: async () => {
      const tools: RemoteTool[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor });
        tools.push(...page.tools);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return tools;
    },
    callTool: async (name, args) => {
      const { content, isError, structuredContent } = await client.callTool({ name, arguments: args });
      return { content, isError: isError ?? false, structuredContent };
    },
    close: () => client.close(),
  };
}
