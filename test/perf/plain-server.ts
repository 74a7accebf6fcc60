import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The yardstick: what Node itself needs to read a JSON-RPC request, parse it and answer it: a tool's echo, and the
 * other requests of a session. It checks nothing and keeps nothing. `ANSWER` is the JSON whose form an echo repeats,
 * with the id and the text of the request; `GREETING` is its answer to `initialize`.
 */
interface Answer {
  id: number;
  readonly result: { readonly content: readonly [{ text: string }] };
}

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params: { readonly arguments: { readonly text: string } };
}

const sample =
  '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hello"}],"resultType":"complete",' +
  '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"rookery","version":"0.1.0"}}}}';
const answer = JSON.parse(process.env['ANSWER'] ?? sample) as Answer;
const greeting = JSON.parse(process.env['GREETING'] ?? '{}') as { id: number };
const session = '7d8f6f9c-58a4-4f0e-9a3b-0d6f2a1c4e5b';

/** The answer to a message; a notification has none. */
function answerTo({ id, method, params }: Message): string | undefined {
  if (id === undefined) return undefined;
  if (method === 'initialize') {
    greeting.id = id;
    return JSON.stringify(greeting);
  }
  answer.id = id;
  answer.result.content[0].text = params.arguments.text;
  return JSON.stringify(answer);
}

function respond(message: Message, given: string | string[] | undefined, response: ServerResponse): void {
  const text = answerTo(message);
  if (text === undefined) {
    response.writeHead(202).end();
    return;
  }
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const inSession = given !== undefined || message.method === 'initialize';
  response.writeHead(200, inSession ? { ...headers, 'mcp-session-id': given ?? session } : headers);
  response.end(text);
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    if (request.method === 'DELETE') response.writeHead(204).end();
    else respond(JSON.parse(body) as Message, request.headers['mcp-session-id'], response);
  });
});

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`listening http://127.0.0.1:${port}/mcp`);
});
