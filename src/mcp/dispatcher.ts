import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { redactError } from '../core/index.js';
import type { Exchange } from './exchange.js';
import { isLogLevel } from './exchange.js';
import type { Method } from './method.js';
import { McpMethods } from './methods/mcp-methods.js';
import { ProtocolError, ProtocolErrorCode, errorReply, type JsonRpcRequest, type Params, type Reply } from './wire.js';

const NO_PARAMS: Params = {};

/** Answers requests of either era, whatever transport brought them. Nothing is built per request. */
@Injectable()
export class McpDispatcher {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #logger = new Logger('Mcp');

  constructor(methods: McpMethods) {
    this.#methods = new Map(methods.all.map((method) => [method.name, method]));
  }

  /** Never rejects: what goes wrong becomes an error reply. */
  async handle(request: JsonRpcRequest, exchange: Exchange): Promise<Reply> {
    const { id, method: name, params = NO_PARAMS } = request;
    const { era } = exchange;
    const method = this.#methods.get(name);
    if (method === undefined || !(method.eras?.includes(era.name) ?? true)) return era.methodNotFound(id, name);
    try {
      exchange.describe(params);
      checkLogLevel(params, era.logLevelKey);
      return era.result(id, await method.handle(params, exchange, id));
    } catch (error) {
      if (error instanceof ProtocolError)
        return errorReply(id, era.errorStatus(error.code), error.code, error.message, error.data);
      return this.#unexpected(request, error);
    } finally {
      exchange.end();
    }
  }

  #unexpected({ id, method }: JsonRpcRequest, error: unknown): Reply {
    const correlationId = randomUUID();
    this.#logger.error({ msg: 'a request failed', correlationId, method, err: redactError(error) });
    const message = `Internal error. Correlation id: ${correlationId}`;
    return errorReply(id, 200, ProtocolErrorCode.InternalError, message, { code: 'internal', correlationId });
  }
}

function checkLogLevel(params: Params, key: string | undefined): void {
  if (key === undefined) return;
  const level = (params['_meta'] as Params | undefined)?.[key];
  if (level !== undefined && !isLogLevel(level)) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid params: _meta["${key}"] is not a log level`);
  }
}
