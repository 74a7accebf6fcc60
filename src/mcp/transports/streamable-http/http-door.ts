import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import type { Authentication } from '../../../auth/index.js';
import { ServerStatus, isLoopback, redactError } from '../../../core/index.js';
import { Access } from '../../access/access.js';
import { ClientAddress } from '../../access/client-address.js';
import { Cors } from '../../access/cors.js';
import { RefusedRequests } from '../../limits/refused-requests.js';
import { McpOptions } from '../../mcp.options.js';
import { ProtocolErrorCode, errorReply, type Reply } from '../../wire.js';
import { readBody, readEncodedBody, type Body, type BodyRefusal } from './body-reader.js';
import { ACCEPTED_ENCODINGS, MAX_RATIO, decoderOf } from './content-encoding.js';
import { textHasAtMostNodes, valueHasAtMostNodes } from '../../message-nodes.js';
import { isNestedTooDeeply } from '../../nesting.js';
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
 *
 * Requests whose bodies have come in one turn of the event loop are taken together at its end. To read all and then to
 * answer all costs a fifth less than to take turns, as the processor finds what each needs in its caches (ADR 0021).
 */
@Injectable()
export class HttpDoor {
  readonly #names: NameGuard;
  readonly #addresses: ClientAddress;
  readonly #cors: Cors;
  readonly #refusals: Readonly<Record<Exclude<BodyRefusal, 'aborted'>, string>>;
  readonly #tooMany: string;
  readonly #logger = new Logger('Mcp');

  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
    private readonly access: Access,
    private readonly refused: RefusedRequests,
  ) {
    this.#names = new NameGuard(options);
    this.#addresses = new ClientAddress(options.trustedProxies);
    this.#cors = new Cors(options.cors);
    const { maxMessageSize, maxMessageNodes } = options;
    this.#refusals = {
      'too-large': `The message is larger than ${maxMessageSize} bytes (server.maxMessageSize).`,
      bomb: `The body is compressed more than ${MAX_RATIO} to 1; send it as it is.`,
      'not-decodable': 'Parse error: the body is not what Content-Encoding says',
      'not-utf8': 'Parse error: the body is not valid UTF-8',
    };
    this.#tooMany = `The message has more than ${maxMessageNodes} values and names (server.maxMessageNodes); send fewer, or in several messages.`;
  }

  /** @param parsed - the body, where a framework in front has read it. */
  enter(request: IncomingMessage, response: ServerResponse, parsed: unknown, receiver: HttpReceiver): void {
    if (!this.#admits(request, response)) return;
    const remoteAddress = this.#addresses.of(request);
    const entered = (who: Authentication, waitedMs: number): void => {
      if (who.kind === 'refused') return refuseCaller(response, who);
      const principal = who.kind === 'authenticated' ? who.principal : undefined;
      this.#receive({ request, response, principal, remoteAddress, waitedMs }, parsed, receiver);
    };
    const authenticated = this.access.authenticate(request, remoteAddress);
    if (!(authenticated instanceof Promise)) return entered(authenticated, 0);
    const asked = performance.now();
    authenticated
      .then((who) => entered(who, performance.now() - asked))
      .catch((error) => this.#failed(error, response));
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
    if (!isJson(request.headers['content-type'])) {
      return refuse(response, 415, 'Content-Type must be application/json.', CLOSE);
    }
    const { maxMessageSize } = this.options;
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > maxMessageSize) return this.#refuseBody('too-large', response);
    if (parsed !== undefined) return this.#parsed(parsed, visit, receiver);
    const decoder = decoderOf(request);
    const read = (body: Body): void => this.#read(body, visit, receiver);
    if (decoder === 'none') readBody(request, maxMessageSize, read);
    else if (decoder !== 'unknown') readEncodedBody(request, decoder(), maxMessageSize, read);
    else {
      this.refused.count('encoding');
      const headers = { ...CLOSE, 'accept-encoding': ACCEPTED_ENCODINGS };
      refuse(response, 415, `Content-Encoding must be one of ${ACCEPTED_ENCODINGS}, once, or absent.`, headers);
    }
  }

  #read(body: Body, visit: HttpVisit, receiver: HttpReceiver): void {
    const { response } = visit;
    if ('refused' in body) return this.#refuseBody(body.refused, response);
    if (!textHasAtMostNodes(body.text, this.options.maxMessageNodes)) return this.#refuseNodes(response);
    setImmediate(this.#inTurn, parse, body.text, visit, receiver, performance.now());
  }

  /** What a framework in front has read and parsed, which had limits of its own. Too deep a value is refused behind. */
  #parsed(parsed: unknown, visit: HttpVisit, receiver: HttpReceiver): void {
    const { request, response } = visit;
    const { maxMessageNodes } = this.options;
    const mayBeLarge = !(Number(request.headers['content-length']) < maxMessageNodes) || decoderOf(request) !== 'none';
    if (mayBeLarge && !isNestedTooDeeply(parsed) && !valueHasAtMostNodes(parsed, maxMessageNodes)) {
      return this.#refuseNodes(response);
    }
    setImmediate(this.#inTurn, take, parsed, visit, receiver, performance.now());
  }

  #refuseBody(problem: BodyRefusal, response: ServerResponse): void {
    if (problem === 'aborted') return void response.end();
    const message = this.#refusals[problem];
    if (problem === 'not-utf8' || problem === 'not-decodable') {
      return sendJson(response, errorReply(null, 400, ProtocolErrorCode.ParseError, message), CLOSE);
    }
    this.refused.count(problem === 'bomb' ? 'decompression' : 'message_size');
    refuse(response, 413, message, CLOSE);
  }

  #refuseNodes(response: ServerResponse): void {
    this.refused.count('message_nodes');
    refuse(response, 413, this.#tooMany, CLOSE);
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

  /** Nobody else would catch what is thrown in the turn of a message: it would end the process. */
  readonly #inTurn = <M>(step: Step<M>, message: M, visit: HttpVisit, receiver: HttpReceiver, readAt: number): void => {
    try {
      step(message, visit, receiver, readAt);
    } catch (error) {
      this.#broken(error, visit.response);
    }
  };

  #broken(error: unknown, response: ServerResponse): void {
    this.#logger.error({ msg: 'a message could not be taken', err: redactError(error) });
    if (response.headersSent) response.destroy();
    else sendJson(response, errorReply(null, 500, ProtocolErrorCode.InternalError, 'Internal error'), CLOSE);
  }

  /** Whoever could not be judged does not come in. */
  #failed(error: unknown, response: ServerResponse): void {
    this.#logger.error({ msg: 'a caller could not be authenticated', err: redactError(error) });
    if (!response.headersSent) refuse(response, 503, 'The caller could not be authenticated; try again.', CLOSE);
    else response.destroy();
  }
}

/** What is done with a message in its turn. */
type Step<M> = (message: M, visit: HttpVisit, receiver: HttpReceiver, readAt: number) => void;

function refuseCaller(
  response: ServerResponse,
  { status, message, code, headers }: Extract<Authentication, { kind: 'refused' }>,
): void {
  sendJson(response, { ...errorReply(null, status, status, message, { code }), headers }, CLOSE);
}

function parse(text: string, visit: HttpVisit, receiver: HttpReceiver, readAt: number): void {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return sendJson(visit.response, parseError('the body is not valid JSON'));
  }
  take(message, visit, receiver, readAt);
}

/** A client that has gone meanwhile has asked for nothing yet. */
function take(message: unknown, visit: HttpVisit, receiver: HttpReceiver, readAt: number): void {
  if (visit.request.socket.destroyed) return;
  visit.waitedMs += performance.now() - readAt;
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
