import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ServerStatus, isLoopback } from '../../../core/index.js';
import { McpOptions } from '../../mcp.options.js';
import { ProtocolErrorCode, errorReply, type Reply } from '../../wire.js';
import { readBody } from './body-reader.js';
import { NameGuard } from './name-guard.js';
import { CLOSE, refuse, sendJson } from './refusal.js';

/** Who takes what the door has let in. */
export interface HttpReceiver {
  /** A POST with a body of JSON, parsed. */
  post(body: unknown, request: IncomingMessage, response: ServerResponse): void;
  get(request: IncomingMessage, response: ServerResponse): void;
  delete(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * The door of the endpoint, whatever wire stands behind it: who may come in, in which form, and how large a body may
 * be. A request that it refuses is answered here.
 */
@Injectable()
export class HttpDoor {
  readonly #names: NameGuard;
  readonly #tooLarge: string;

  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
  ) {
    this.#names = new NameGuard(options);
    this.#tooLarge = `The message is larger than ${options.maxMessageSize} bytes (server.maxMessageSize).`;
  }

  /** @param parsed - the body, where a framework in front has read it. */
  enter(request: IncomingMessage, response: ServerResponse, parsed: unknown, receiver: HttpReceiver): void {
    if (!this.#admits(request, response)) return;
    if (request.method === 'GET') return receiver.get(request, response);
    if (request.method === 'DELETE') return receiver.delete(request, response);
    if (request.method !== 'POST') {
      return refuse(response, 405, 'Only POST, GET and DELETE are served here.', {
        ...CLOSE,
        allow: 'POST, GET, DELETE',
      });
    }
    const { 'content-type': type, 'content-encoding': encoding = 'identity' } = request.headers;
    if (!isJson(type)) return refuse(response, 415, 'Content-Type must be application/json.', CLOSE);
    if (encoding !== 'identity') {
      const headers = { ...CLOSE, 'accept-encoding': 'identity' };
      return refuse(response, 415, 'Content-Encoding is not served; send the body as it is.', headers);
    }
    const { maxMessageSize } = this.options;
    if (Number(request.headers['content-length'] ?? 0) > maxMessageSize) {
      return refuse(response, 413, this.#tooLarge, CLOSE);
    }
    if (parsed !== undefined) return receiver.post(parsed, request, response);
    readBody(request, maxMessageSize, (body) => {
      if ('text' in body) parse(body.text, request, response, receiver);
      else if (body.refused === 'aborted') response.end();
      else if (body.refused === 'not-utf8') sendJson(response, parseError('the body is not valid UTF-8'));
      else refuse(response, 413, this.#tooLarge, CLOSE);
    });
  }

  #admits(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.status.draining) {
      refuse(response, 503, 'The server is shutting down; try another instance.', CLOSE);
      return false;
    }
    if (!isLoopback(request.socket.remoteAddress ?? '')) {
      refuse(response, 403, 'Callers are not authenticated, so only this machine is served.', CLOSE);
      return false;
    }
    const foreign = this.#names.refusal(request.headers.host, request.headers.origin);
    if (foreign !== undefined) refuse(response, 403, foreign, CLOSE);
    return foreign === undefined;
  }
}

function parse(text: string, request: IncomingMessage, response: ServerResponse, receiver: HttpReceiver): void {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return sendJson(response, parseError('the body is not valid JSON'));
  }
  receiver.post(message, request, response);
}

function parseError(problem: string): Reply {
  return errorReply(null, 400, ProtocolErrorCode.ParseError, `Parse error: ${problem}`);
}

/** Parameters such as a charset may follow; the type itself must be JSON's. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
