/** The MCP clients whose configuration we know how to write. */
export const MCP_CLIENTS = ['claude', 'cursor', 'vscode'] as const;

/** One of the known MCP clients. `claude` is both Claude Desktop and Claude Code. */
export type McpClient = (typeof MCP_CLIENTS)[number];

/** A server that a client reaches by HTTP. */
export interface HttpConnection {
  readonly name: string;
  /** The whole address, `/mcp` included. */
  readonly url: string;
}

/** A server that a client starts as its child and speaks to over stdio. */
export interface StdioConnection {
  readonly name: string;
  /** Absolute, as clients start it with a working directory and a PATH of their own. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The keys of a `server` section that say where it is reached. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string | undefined;
  /** Whatever is there says that HTTPS is served. */
  readonly tls?: object | undefined;
}

/** Where each client looks for what `clientConfig` returns. */
export const CLIENT_CONFIG_FILES: Readonly<Record<McpClient, string>> = {
  claude: '.mcp.json (Claude Code) or claude_desktop_config.json (Claude Desktop, stdio only)',
  cursor: '.cursor/mcp.json',
  vscode: '.vscode/mcp.json',
};

/** The JSON with which a client finds this server. */
export function clientConfig(client: McpClient, connection: HttpConnection | StdioConnection): Record<string, unknown> {
  const servers = { [serverKey(connection.name)]: entry(client, connection) };
  return client === 'vscode' ? { servers } : { mcpServers: servers };
}

/** The address that clients use: `publicUrl` when there is one, else host and port, with `/mcp`. */
export function mcpUrl({ host, port, publicUrl, tls }: ServerAddress): string {
  if (publicUrl !== undefined) return `${publicUrl.replace(/\/+$/, '')}/mcp`;
  const unspecified = host === '0.0.0.0' || host === '::';
  const reachable = unspecified ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${tls === undefined ? 'http' : 'https'}://${reachable}:${port}/mcp`;
}

/** Cursor tells the transports apart by their keys; the others want a type. */
function entry(client: McpClient, connection: HttpConnection | StdioConnection): Record<string, unknown> {
  if ('url' in connection) return { ...(client !== 'cursor' && { type: 'http' }), url: connection.url };
  const { command, args = [], env } = connection;
  return { ...(client === 'vscode' && { type: 'stdio' }), command, args, ...(env !== undefined && { env }) };
}

/** Clients allow letters, digits, `-` and `_` in a server's name. */
function serverKey(name: string): string {
  return name.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'rookery';
}
