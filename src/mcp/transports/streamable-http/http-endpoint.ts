import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ServerStatus, isLoopback } from '../../../core/index.js';
import { classify, type MirroredHeaders } from '../../classification.js';
import { McpDispatcher } from '../../dispatcher.js';
import { Eras } from '../../eras/eras.js';
import { Exchange } from '../../exchange.js';
import { McpOptions } from '../../mcp.options.js';
import { LEGACY_VERSIONS, ProtocolErrorCode, errorReply, type JsonRpcRequest } from '../../wire.js';
import { readBody } from './body-reader.js';
import { HttpAnswer } from './http-answer.js';
import { checkMirroredHeaders } from './mirrored-headers.js';
import { NameGuard } from './name-guard.js';

/** Refusals of the transport itself; the range is what JSON-RPC leaves to servers. */
const TRANSPORT_ERROR = -32000;
/** What a client that sends no version header speaks (L/basic/transports, protocol version header). */
const ASSUMED_VERSION = '2025-03-26';
const CLOSE = { connection: 'close' };

/**
 * Streamable HTTP on one path: a message in, its answer out.
 *
 * It holds no policy: who may call what is the pipeline's. Deliberately not here: TLS, compression, CORS.
 */
@Injectable()
export class HttpEndpoint {
  readonly #names: NameGuard;

  constructor(
    private readonly dispatcher: McpDispatcher,
    private readonly eras: Eras,
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
  ) {
    this.#names = new NameGuard(options);
  }

  /** @param parsed - the body, where a framework in front has read it. */
  handle(request: IncomingMessage, response: ServerResponse, parsed?: unknown): void {
    const { headers } = request;
    const accept = headers.accept ?? '';
    const answer = new HttpAnswer(
      response,
      accept.includes('text/event-stream') || accept.includes('*/*'),
      this.options.keepAliveMs,
    );
    if (this.status.draining) return refuse(answer, 503, 'The server is shutting down; try another instance.', CLOSE);
    if (!isLoopback(request.socket.remoteAddress ?? '')) {
      return refuse(answer, 403, 'Callers are not authenticated, so only this machine is served.', CLOSE);
    }
    const foreign = this.#names.refusal(headers.host, headers.origin);
    if (foreign !== undefined) return refuse(answer, 403, foreign);
    if (request.method !== 'POST') return refuse(answer, 405, 'Only POST is served here.', { allow: 'POST' });
    if (!isJson(headers['content-type'])) return refuse(answer, 415, 'Content-Type must be application/json.', CLOSE);
    if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
      return refuse(answer, 415, 'Content-Encoding is not served; send the body as it is.', {
        ...CLOSE,
        'accept-encoding': 'identity',
      });
    }
    if (parsed !== undefined) return this.#receive(parsed, request, response, answer);
    readBody(request, this.options.maxMessageSize, (body) => {
      if ('text' in body) this.#parse(body.text, request, response, answer);
      else if (body.refused === 'aborted') answer.abandon();
      else
        refuse(
          answer,
          413,
          `The message is larger than ${this.options.maxMessageSize} bytes (server.maxMessageSize).`,
          CLOSE,
        );
    });
  }

  #parse(text: string, request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      answer.reply(errorReply(null, 400, ProtocolErrorCode.ParseError, 'Parse error: the body is not valid JSON'));
      return;
    }
    this.#receive(message, request, response, answer);
  }

  #receive(body: unknown, request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
    const headers = mirroredHeaders(request);
    const classified = classify(body, headers);
    if (classified.kind === 'rejected') return answer.reply(classified.reply);
    if (classified.kind !== 'request') {
      response.writeHead(202).end();
      return;
    }
    const { message, era, version } = classified;
    if (era === 'modern') {
      const mismatch = checkMirroredHeaders(message, headers);
      if (mismatch !== undefined) return answer.reply(mismatch);
      this.#answer(message, this.#exchange(era, version ?? '', request, answer), response, answer);
      return;
    }
    const refusal = legacyRefusal(message, headers.protocolVersion, request.headers.accept ?? '');
    if (refusal !== undefined) return answer.reply(refusal);
    this.#answer(
      message,
      this.#exchange(era, headers.protocolVersion ?? ASSUMED_VERSION, request, answer),
      response,
      answer,
    );
  }

  #exchange(era: 'modern' | 'legacy', protocolVersion: string, request: IncomingMessage, answer: HttpAnswer): Exchange {
    const { remoteAddress } = request.socket;
    return new Exchange({
      era: this.eras[era],
      protocolVersion,
      remoteAddress,
      notify: (message) => answer.notify(message),
    });
  }

  #answer(message: JsonRpcRequest, exchange: Exchange, response: ServerResponse, answer: HttpAnswer): void {
    const finished = this.status.connected();
    response.on('close', () => {
      finished();
      if (!response.writableFinished && exchange.era.disconnectCancels) exchange.cancel('The client disconnected.');
    });
    void this.#reply(message, exchange, answer);
  }

  async #reply(message: JsonRpcRequest, exchange: Exchange, answer: HttpAnswer): Promise<void> {
    const reply = await this.dispatcher.handle(message, exchange);
    if (exchange.cancelled) answer.abandon();
    else answer.reply(reply, this.status.draining ? CLOSE : undefined);
  }
}

function mirroredHeaders({ headers }: IncomingMessage): MirroredHeaders {
  return {
    protocolVersion: single(headers['mcp-protocol-version']),
    method: single(headers['mcp-method']),
    name: single(headers['mcp-name']),
  };
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ');
}

/** Parameters such as a charset may follow; the type itself must be JSON's. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

function legacyRefusal(
  { id, method }: JsonRpcRequest,
  version: string | undefined,
  accept: string,
): ReturnType<typeof errorReply> | undefined {
  const acceptsBoth =
    accept.includes('*/*') || (accept.includes('application/json') && accept.includes('text/event-stream'));
  if (!acceptsBoth) {
    return errorReply(id, 406, TRANSPORT_ERROR, 'Accept must list both application/json and text/event-stream.');
  }
  if (method === 'initialize' || version === undefined || LEGACY_VERSIONS.includes(version)) return undefined;
  const message = `Unsupported protocol version: ${version}. Supported: ${LEGACY_VERSIONS.join(', ')}`;
  return errorReply(id, 400, TRANSPORT_ERROR, message, { supported: LEGACY_VERSIONS, requested: version });
}

function refuse(answer: HttpAnswer, status: number, message: string, headers?: Record<string, string>): void {
  answer.reply(errorReply(null, status, TRANSPORT_ERROR, message), headers);
}
