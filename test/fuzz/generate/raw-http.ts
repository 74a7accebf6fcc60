import fc from 'fast-check';

/** Requests that are well-formed, or nearly. */
const BODY = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const HEAD = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\n';

/** Lines that a request can begin with. */
const FIRST_LINES = [
  'POST /mcp HTTP/1.1',
  'GET /mcp HTTP/1.1',
  'POST /mcp HTTP/1.0',
  'POST /mcp HTTP/9.9',
  'post /mcp HTTP/1.1',
  'OPTIONS /mcp HTTP/1.1',
  'TRACE /mcp HTTP/1.1',
  'CONNECT /mcp HTTP/1.1',
  'POST http://localhost/mcp HTTP/1.1',
  'POST /mcp?x=%00 HTTP/1.1',
  'POST //mcp HTTP/1.1',
  'POST * HTTP/1.1',
  'PRI * HTTP/2.0',
];

/** Header lines that decide where a body ends, or that no client should send. */
const LINES = [
  'Host: localhost',
  'Host: evil.example.com',
  'Content-Type: application/json',
  'Accept: application/json, text/event-stream',
  'Content-Length: 40',
  'Content-Length: 39',
  'Content-Length: 4000',
  'Content-Length: -1',
  'Content-Length: 40, 40',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: identity',
  'transfer-encoding : chunked',
  'Connection: close',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Expect: 100-continue',
  'Expect: the-unexpected',
  ' folded: line',
  'no colon',
  ': no name',
  'X-Null: a\0b',
  'Mcp-Name: \u00E9\u{1F600}',
  `X-Long: ${'x'.repeat(20_000)}`,
];

/** What may stand where a body should. */
const BODIES = [
  BODY,
  '',
  `28\r\n${BODY}\r\n0\r\n\r\n`,
  `zz\r\n${BODY}\r\n0\r\n\r\n`,
  `ffffffffffffffff\r\n${BODY}`,
  `28;extension=${'x'.repeat(300)}\r\n${BODY}\r\n0\r\nTrailer: x\r\n\r\n`,
  BODY.slice(0, 20),
  `${BODY}${HEAD}Content-Length: 40\r\n\r\n${BODY}`,
];

/** Bytes on a connection: requests forged line by line, cut anywhere, or none at all. */
export const rawRequests: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(forged(), fc.nat(400)).map(([text, cut]) => cutAt(text, cut)) },
  {
    weight: 2,
    arbitrary: fc.array(forged(), { minLength: 2, maxLength: 3 }).map((texts) => Buffer.from(texts.join(''))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
);

function forged(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.oneof(fc.constant('POST /mcp HTTP/1.1'), fc.constantFrom(...FIRST_LINES)),
      fc.oneof(fc.constant(HEAD.split('\r\n').slice(1, -1)), fc.constant([])),
      fc.array(fc.constantFrom(...LINES), { maxLength: 4 }),
      fc.constantFrom('\r\n', '\r\n', '\n', '\r'),
      fc.constantFrom(...BODIES),
    )
    .map(([first, usual, lines, end, body]) => [first, ...usual, ...lines, '', body].join(end));
}

/** Most are whole: a cut behind the end cuts nothing. */
function cutAt(text: string, cut: number): Buffer {
  const bytes = Buffer.from(text);
  return cut < 100 ? bytes.subarray(0, cut) : bytes;
}
