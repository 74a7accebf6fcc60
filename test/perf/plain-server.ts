import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The yardstick: what Node itself needs to read a JSON-RPC request, parse it and answer a tool's echo.
 * It checks nothing. `ANSWER` is the JSON whose form it repeats, with the id and the text of the request.
 */
interface Answer {
  id: number;
  readonly result: { readonly content: readonly [{ text: string }] };
}

interface EchoRequest {
  readonly id: number;
  readonly params: { readonly arguments: { readonly text: string } };
}

const sample =
  '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hello"}],"resultType":"complete",' +
  '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"rookery","version":"0.1.0"}}}}';
const answer = JSON.parse(process.env['ANSWER'] ?? sample) as Answer;

function echo(body: string): string {
  const request = JSON.parse(body) as EchoRequest;
  answer.id = request.id;
  answer.result.content[0].text = request.params.arguments.text;
  return JSON.stringify(answer);
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    const text = echo(body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`listening http://127.0.0.1:${port}/mcp`);
});
