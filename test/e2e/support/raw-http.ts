import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { RawMessage } from './http-messages.js';

/** An answer, as loosely as tests look at it. */
export type JsonRpcAnswer = RawMessage;

/** What is sent, exactly. */
export interface RawRequest {
  readonly method?: string | undefined;
  readonly headers?: OutgoingHttpHeaders | undefined;
  readonly body?: string | Buffer | undefined;
}

/** What came back, whole. */
export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as a message; empty when it is no JSON. */
  readonly json: RawMessage;
}

/** Sends a request on a connection of its own; nothing is added but `Content-Length`. */
export function send(url: string, { method = 'POST', headers = {}, body }: RawRequest = {}): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, { method, headers: { ...length, ...headers }, agent: false });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
    });
    outgoing.end(body);
  });
}

function parse(text: string): RawMessage {
  try {
    return JSON.parse(text) as RawMessage;
  } catch {
    return {};
  }
}

/** Sends pieces one after another, as the server takes them, until it has answered and closed the connection. */
export function sendPieces(
  url: string,
  pieces: Iterable<string>,
): Promise<{ readonly received: string; readonly sent: number }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const rest = pieces[Symbol.iterator]();
    let received = '';
    let sent = 0;
    const next = (): void => {
      const piece = rest.next();
      if (piece.done === true || received !== '' || socket.destroyed) return;
      sent += Buffer.byteLength(piece.value);
      socket.write(piece.value, () => setImmediate(next));
    };
    socket.setEncoding('utf8');
    socket.on('connect', next);
    socket.on('data', (text: string) => (received += text));
    // The server may close while pieces are on their way: a reset is as good an end as any.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ received, sent }));
  });
}

/** A connection on which nothing has been said. */
export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the text is on its way. */
export function write(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** The head of a POST to `/mcp`, as it stands on the wire. */
export function head(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return ['POST /mcp HTTP/1.1', ...lines, '', ''].join('\r\n');
}
