import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import type { Authentication } from '../../../auth/index.js';
import { ServerStatus, isLoopback, redactError } from '../../../core/index.js';
import { Access } from '../../access/access.js';
import { ClientAddress } from '../../access/client-address.js';
import { Cors } from '../../access/cors.js';
import { McpOptions } from '../../mcp.options.js';
import { ProtocolErrorCode, errorReply, type Reply } from '../../wire.js';
import { readBody } from './body-reader.js';
import type { HttpVisit } from './http-visit.js';
import { NameGuard } from './name-guard.js';
import { CLOSE, refuse, sendJson } from './refusal.js';

/** Who takes what the door has let in. */
export interface HttpReceiver {
  /** A POST with a body of JSON, parsed. */
  post(body: unknown, visit: HttpVisit): void;
  get(visit: HttpVisit): void;
  delete(visit: HttpVisit): void;
}

/**
 * The door of the endpoint, whatever wire stands behind it: who may come in, in which form, and how large a body may
 * be. A request that it refuses is answered here, before its body is read.
 */
@Injectable()
export class HttpDoor {
  readonly #names: NameGuard;
  readonly #addresses: ClientAddress;
  readonly #cors: Cors;
  readonly #tooLarge: string;
  readonly #logger = new Logger('Mcp');

  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
    private readonly access: Access,
  ) {
    this.#names = new NameGuard(options);
    this.#addresses = new ClientAddress(options.trustedProxies);
    this.#cors = new Cors(options.cors);
    this.#tooLarge = `The message is larger than ${options.maxMessageSize} bytes (server.maxMessageSize).`;
  }

  /** @param parsed - the body, where a framework in front has read it. */
  enter(request: IncomingMessage, response: ServerResponse, parsed: unknown, receiver: HttpReceiver): void {
    if (!this.#admits(request, response)) return;
    const remoteAddress = this.#addresses.of(request);
    const entered = (who: Authentication): void => {
      if (who.kind === 'refused') return refuseCaller(response, who);
      const principal = who.kind === 'authenticated' ? who.principal : undefined;
      this.#receive({ request, response, principal, remoteAddress }, parsed, receiver);
    };
    const authenticated = this.access.authenticate(request, remoteAddress);
    if (authenticated instanceof Promise) authenticated.then(entered).catch((error) => this.#failed(error, response));
    else entered(authenticated);
  }

  #receive(visit: HttpVisit, parsed: unknown, receiver: HttpReceiver): void {
    const { request, response } = visit;
    if (request.method === 'POST') return this.#post(visit, parsed, receiver);
    if (!this.access.admits(visit.principal)) {
      return sendJson(response, this.access.refusal(null, visit.remoteAddress), CLOSE);
    }
    if (request.method === 'GET') receiver.get(visit);
    else receiver.delete(visit);
  }

  #post(visit: HttpVisit, parsed: unknown, receiver: HttpReceiver): void {
    const { request, response } = visit;
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
    if (parsed !== undefined) return receiver.post(parsed, visit);
    readBody(request, maxMessageSize, (body) => {
      if ('text' in body) parse(body.text, visit, receiver);
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
    if (!this.access.required && !isLoopback(request.socket.remoteAddress ?? '')) {
      refuse(response, 403, 'Callers are not authenticated, so only this machine is served.', CLOSE);
      return false;
    }
    const foreign = this.#names.refusal(request.headers.host, request.headers.origin);
    if (foreign !== undefined) {
      refuse(response, 403, foreign, CLOSE);
      return false;
    }
    this.#cors.mark(request, response);
    if (this.#cors.preflight(request, response)) return false;
    const served = request.method === 'POST' || request.method === 'GET' || request.method === 'DELETE';
    if (!served) {
      refuse(response, 405, 'Only POST, GET and DELETE are served here.', { ...CLOSE, allow: 'POST, GET, DELETE' });
    }
    return served;
  }

  /** Whoever could not be judged does not come in. */
  #failed(error: unknown, response: ServerResponse): void {
    this.#logger.error({ msg: 'a caller could not be authenticated', err: redactError(error) });
    if (!response.headersSent) refuse(response, 503, 'The caller could not be authenticated; try again.', CLOSE);
    else response.destroy();
  }
}

function refuseCaller(
  response: ServerResponse,
  { status, message, code, headers }: Extract<Authentication, { kind: 'refused' }>,
): void {
  sendJson(response, { ...errorReply(null, status, status, message, { code }), headers }, CLOSE);
}

function parse(text: string, visit: HttpVisit, receiver: HttpReceiver): void {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return sendJson(visit.response, parseError('the body is not valid JSON'));
  }
  receiver.post(message, visit);
}

function parseError(problem: string): Reply {
  return errorReply(null, 400, ProtocolErrorCode.ParseError, `Parse error: ${problem}`);
}

/** Parameters such as a charset may follow; the type itself must be JSON's. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
