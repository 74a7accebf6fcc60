import type { ServerIdentity } from '../../core/index.js';
import {
  LOG_LEVEL_META_KEY,
  MISSING_CLIENT_CAPABILITY,
  ProtocolErrorCode,
  SERVER_INFO_META_KEY,
  errorReply,
  resultReply,
  type Reply,
  type RequestId,
} from '../wire.js';
import type { Era, ResultParts } from './era.js';

/** Revision 2026-07-28: stateless, every result says its type and which server made it. */
export class ModernEra implements Era {
  readonly name = 'modern';
  readonly resourceNotFound = ProtocolErrorCode.InvalidParams;
  readonly structuredContentIsObject = false;
  readonly disconnectCancels = true;
  readonly logLevelKey = LOG_LEVEL_META_KEY;
  readonly #serverInfo: string;

  constructor(identity: ServerIdentity) {
    this.#serverInfo = `${JSON.stringify(SERVER_INFO_META_KEY)}:${JSON.stringify(identity)}`;
  }

  result(id: RequestId, { type = 'complete', members, meta, cache }: ResultParts): Reply {
    const body = members === '' ? '' : `,${members}`;
    const hints = cache === undefined ? '' : `,"ttlMs":${cache.ttlMs},"cacheScope":"${cache.scope}"`;
    const metadata = meta === undefined ? this.#serverInfo : `${meta},${this.#serverInfo}`;
    return resultReply(id, `{"resultType":"${type}"${body}${hints},"_meta":{${metadata}}}`);
  }

  errorStatus(code: number): number {
    return code === MISSING_CLIENT_CAPABILITY ? 400 : 200;
  }

  methodNotFound(id: RequestId, method: string): Reply {
    return errorReply(id, 404, ProtocolErrorCode.MethodNotFound, `Method not found: ${method}`);
  }
}
