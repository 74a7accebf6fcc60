import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ServerStatus, isLoopback } from '../../../core/index.js';
import { classify, type MirroredHeaders } from '../../classification.js';
import { McpOptions } from '../../mcp.options.js';
import { ProtocolErrorCode, errorReply, type Reply } from '../../wire.js';
import { readBody } from './body-reader.js';
import { LegacyHttp } from './legacy-http.js';
import { ModernHttp } from './modern-http.js';
import { NameGuard } from './name-guard.js';
import { CLOSE, refuse, sendJson } from './refusal.js';

/**
 * Streamable HTTP on one path: the door for both eras.
 *
 * It holds no policy: who may call what is the pipeline's. Deliberately not here: TLS, compression, CORS.
 */
@Injectable()
export class HttpEndpoint {
  readonly #names: NameGuard;

  constructor(
    private readonly modern: ModernHttp,
    private readonly legacy: LegacyHttp,
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
  ) {
    this.#names = new NameGuard(options);
  }

  /** @param parsed - the body, where a framework in front has read it. */
  handle(request: IncomingMessage, response: ServerResponse, parsed?: unknown): void {
    if (!this.#admits(request, response)) return;
    if (request.method === 'GET') return this.legacy.get(request, response);
    if (request.method === 'DELETE') return this.legacy.delete(request, response);
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
    if (parsed !== undefined) return this.#receive(parsed, request, response);
    const { maxMessageSize } = this.options;
    readBody(request, maxMessageSize, (body) => {
      if ('text' in body) this.#parse(body.text, request, response);
      else if (body.refused === 'aborted') response.end();
      else if (body.refused === 'not-utf8') sendJson(response, parseError('the body is not valid UTF-8'));
      else refuse(response, 413, `The message is larger than ${maxMessageSize} bytes (server.maxMessageSize).`, CLOSE);
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

  #parse(text: string, request: IncomingMessage, response: ServerResponse): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return sendJson(response, parseError('the body is not valid JSON'));
    }
    this.#receive(message, request, response);
  }

  #receive(body: unknown, request: IncomingMessage, response: ServerResponse): void {
    const headers = mirroredHeaders(request);
    const classified = classify(body, headers);
    if (classified.kind === 'rejected') sendJson(response, classified.reply);
    else if (classified.kind === 'request' && classified.era === 'modern') {
      this.modern.handle(classified.message, headers, request, response);
    } else if (classified.kind === 'notification' && classified.era === 'modern') response.writeHead(202).end();
    else this.legacy.post(classified, request, response);
  }
}

function parseError(problem: string): Reply {
  return errorReply(null, 400, ProtocolErrorCode.ParseError, `Parse error: ${problem}`);
}

function mirroredHeaders({ headers }: IncomingMessage): MirroredHeaders {
  return {
    protocolVersion: single(headers['mcp-protocol-version']),
    method: single(headers['mcp-method']),
    name: single(headers['mcp-name']),
  };
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}

/** Parameters such as a charset may follow; the type itself must be JSON's. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
