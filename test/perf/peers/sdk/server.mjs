/**
 * The official SDK as its documentation shows it: one stateless handler whose factory builds a server per request.
 * `PORT` (0 = any free one) and `TOOLS` (how many copies of `echo`) come from the environment.
 */
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const names = Array.from({ length: Number(process.env.TOOLS ?? 1) }, (_, copy) =>
  copy === 0 ? 'echo' : `echo${copy}`,
);
const tool = { description: 'Answers the text it was given', inputSchema: z.object({ text: z.string() }) };
const echo = ({ text }) => ({ content: [{ type: 'text', text }] });

const handler = createMcpHandler(() => {
  const mcp = new McpServer({ name: 'bench-sdk', version: '2.4.0' });
  for (const name of names) mcp.registerTool(name, tool, echo);
  return mcp;
});

const server = createServer(toNodeHandler(handler));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${server.address().port}/mcp`);
});
