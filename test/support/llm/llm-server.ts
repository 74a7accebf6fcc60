import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MODELS, type Fault, type Received, type Script, type Wire } from './script.js';

/** A provider of language models on loopback that answers what it is told to. */
export interface LlmServer {
  readonly origin: string;
  /** Chat requests, in their order. */
  readonly received: readonly Received[];
  /** What it answers next, in order; after that, `Hello there.` to everything. */
  answer(...scripts: readonly Script[]): void;
  stop(): Promise<void>;
}

const DEFAULT: Script = { pieces: ['Hello', ' there', '.'] };

/**
 * Starts one that speaks a provider's wire.
 *
 * @param key - the credential that it wants; it takes none without
 */
export async function startLlmServer(wire: Wire, key?: string): Promise<LlmServer> {
  const received: Received[] = [];
  const scripts: Script[] = [];
  const server = createServer((request, response) => void serve(request, response));
  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '', headers } = request;
    const [path = ''] = url.split('?');
    const body = await bodyOf(request);
    if (key !== undefined && headers.authorization !== `Bearer ${key}`) {
      const given = headers.authorization?.slice('Bearer '.length) ?? '';
      return json(response, 401, wire.error(401, `Incorrect API key provided: ${given}.`));
    }
    if (path === wire.modelsPath) return json(response, 200, wire.models());
    const other = wire.other?.(path, body);
    if (other !== undefined) return json(response, 200, other);
    if (path !== wire.chatPath) return json(response, 404, wire.error(404, 'page not found'));
    received.push({ path, headers, body, closed: closing(response) });
    const model = String(body['model']);
    if (!MODELS.includes(model)) return json(response, 404, wire.error(404, wire.missing(model)));
    const wrong = wire.refuse(body, headers);
    if (wrong !== undefined) return json(response, 400, wire.error(400, wrong));
    const script = scripts.shift() ?? DEFAULT;
    if (script.fault !== undefined && refused(response, script.fault, wire, json)) return;
    if (body['stream'] === true) return stream(response, wire, script, model);
    return whole(response, wire, script, model);
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    answer: (...next) => scripts.push(...next),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Faults that come instead of an answer; whether this was one. */
function refused(
  response: ServerResponse,
  fault: Fault,
  wire: Wire,
  json: (response: ServerResponse, status: number, body: unknown) => void,
): boolean {
  switch (fault.kind) {
    case 'status': {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      json(response, fault.status, wire.error(fault.status, fault.message ?? 'it went wrong'));
      return true;
    }
    case 'redirect':
      response.writeHead(307, { location: fault.to }).end();
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
      return true;
    case 'hang':
      return true;
    default:
      return false;
  }
}

function whole(response: ServerResponse, wire: Wire, script: Script, model: string): void {
  const text = JSON.stringify(wire.whole(script, model));
  const half = text.slice(0, text.length / 2);
  response.writeHead(200, { 'content-type': 'application/json' });
  const kind = script.fault?.kind;
  if (kind === 'malformed' || kind === 'cut' || kind === 'error-part') response.end(half);
  else if (kind === 'reset') response.write(half, () => response.destroy());
  else if (kind === 'drip') response.write(half);
  else if (script.fault?.kind === 'huge-line') response.end('x'.repeat(script.fault.bytes));
  else response.end(text);
}

function stream(response: ServerResponse, wire: Wire, script: Script, model: string): void {
  const parts = wire.parts(script, model);
  // Without its end, but with some of its text.
  const begun = parts.slice(0, Math.ceil(parts.length / 2)).join('');
  response.writeHead(200, { 'content-type': wire.streamType, 'transfer-encoding': 'chunked' });
  const { fault } = script;
  switch (fault?.kind) {
    case 'malformed':
      response.end(`${begun}${wire.part('{"broken":')}${parts.at(-1)}`);
      return;
    case 'cut':
      response.end(begun);
      return;
    case 'reset':
      response.write(begun, () => response.destroy());
      return;
    case 'error-part':
      response.end(begun + wire.errorPart(fault.message));
      return;
    case 'huge-line':
      response.write(begun);
      response.end('x'.repeat(fault.bytes));
      return;
    case 'drip': {
      // The parts that have text, over and over.
      response.write(begun);
      const part = parts[Math.floor(parts.length / 2) - 1] ?? '';
      const timer = setInterval(
        () => response.write(wire.type === 'anthropic' ? ': still here\n\n' : part),
        fault.everyMs,
      );
      response.on('close', () => clearInterval(timer));
      return;
    }
    default:
      for (const part of parts) response.write(script.crlf === true ? part.replaceAll('\n', '\r\n') : part);
      response.end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function closing(response: ServerResponse): Promise<{ early: boolean }> {
  await once(response, 'close');
  return { early: !response.writableEnded };
}
