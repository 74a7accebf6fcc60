import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Tracer, isObject, redactError, type MaybePromise } from '../core/index.js';
import { Access } from './access/access.js';
import type { Era, ResultParts } from './eras/era.js';
import type { Exchange } from './exchange.js';
import { isLogLevel } from './exchange.js';
import type { Method } from './method.js';
import { tracedMethod } from './traced-method.js';
import { ResultLimit, isBoundless } from './limits/result-limit.js';
import { McpMethods } from './methods/mcp-methods.js';
import { OutcomeError, concernsRequest } from './wire-map.js';
import {
  ProtocolError,
  ProtocolErrorCode,
  errorReply,
  type JsonRpcRequest,
  type Params,
  type Reply,
  type RequestId,
} from './wire.js';

const NO_PARAMS: Params = {};

/** Answers requests of either era, whatever transport brought them. Nothing is built per request. */
@Injectable()
export class McpDispatcher {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #logger = new Logger('Mcp');

  constructor(
    methods: McpMethods,
    private readonly access: Access,
    private readonly results: ResultLimit,
    tracer: Tracer,
  ) {
    this.#methods = new Map(methods.all.map((method) => [method.name, tracedMethod(method, tracer)]));
  }

  /** The reply, at once where nothing waits. Neither throws nor rejects: what goes wrong becomes an error reply. */
  handle(request: JsonRpcRequest, exchange: Exchange): MaybePromise<Reply> {
    const { id, method: name, params = NO_PARAMS } = request;
    const { era } = exchange;
    const method = this.#methods.get(name);
    if (method?.targeted !== true && !this.access.admits(exchange.principal)) {
      return this.access.refusal(id, exchange.remoteAddress);
    }
    if (method === undefined || !(method.eras?.includes(era.name) ?? true)) {
      return era.methodNotFound(id, name);
    }
    const failed = (error: unknown): Reply => this.#failed(error, request, method, exchange);
    const served = (parts: ResultParts): Reply => {
      try {
        return this.#served(parts, id, method, exchange);
      } catch (error) {
        return failed(error);
      }
    };
    try {
      exchange.describe(params, id);
      checkLogLevel(params, era.logLevelKey);
      const parts = method.handle(params, exchange, id);
      return parts instanceof Promise ? parts.then(served, failed) : served(parts);
    } catch (error) {
      return failed(error);
    }
  }

  #served(whole: ResultParts, id: RequestId, { name }: Method, exchange: Exchange): Reply {
    const parts = this.results.bounded(name, whole, exchange.call);
    const reply = exchange.era.result(id, parts);
    exchange.end();
    return parts.failure === undefined ? reply : { ...reply, headers: this.access.headersOf(parts.failure) };
  }

  #failed(error: unknown, request: JsonRpcRequest, method: Method, exchange: Exchange): Reply {
    const { id } = request;
    const { era, principal, remoteAddress } = exchange;
    exchange.end();
    if (isUnknown(error) && !this.access.admits(principal)) return this.access.refusal(id, remoteAddress);
    if (error instanceof OutcomeError) return this.#refused(id, error, era);
    if (error instanceof ProtocolError) {
      return errorReply(id, era.errorStatus(error.code), error.code, error.message, error.data);
    }
    if (isBoundless(error)) return this.#boundless(id, method, exchange);
    return this.#unexpected(request, error);
  }

  /** The answer where a result never became a text. */
  #boundless(id: RequestId, { name }: Method, { era, call }: Exchange): Reply {
    try {
      return era.result(id, this.results.boundless(name, call));
    } catch (error) {
      if (error instanceof OutcomeError) return this.#refused(id, error, era);
      throw error;
    }
  }

  /** Who is not known, or has too narrow a token, learns it from the status too, so that its client gets another one. */
  #refused(id: RequestId, { failure, code, message, data }: OutcomeError, era: Era): Reply {
    const status = concernsRequest(failure) ? code : era.errorStatus(code);
    return { ...errorReply(id, status, code, message, data), headers: this.access.headersOf(failure) };
  }

  #unexpected({ id, method }: JsonRpcRequest, error: unknown): Reply {
    const correlationId = randomUUID();
    this.#logger.error({ msg: 'a request failed', correlationId, method, err: redactError(error) });
    const message = `Internal error. Correlation id: ${correlationId}`;
    return errorReply(id, 200, ProtocolErrorCode.InternalError, message, { code: 'internal', correlationId });
  }
}

/** Whether there is nothing of the name that was called: nobody learns that who may not know what there is. */
function isUnknown(error: unknown): boolean {
  return error instanceof ProtocolError && isObject(error.data) && error.data['code'] === 'unknown';
}

function checkLogLevel(params: Params, key: string | undefined): void {
  if (key === undefined) return;
  const level = (params['_meta'] as Params | undefined)?.[key];
  if (level !== undefined && !isLogLevel(level)) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid params: _meta["${key}"] is not a log level`);
  }
}
