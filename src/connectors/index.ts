export { connect, connectHttp, type McpClient, type RemoteResult, type RemoteTool } from './mcp-client.js';
