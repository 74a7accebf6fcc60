import { ProtocolErrorCode, errorReply, resultReply, type Reply, type RequestId } from '../wire.js';
import type { Era, ResultParts } from './era.js';

/** Revisions 2024-11-05 to 2025-11-25: begun by `initialize`; results carry what the method says and no more. */
export class LegacyEra implements Era {
  readonly name = 'legacy';
  readonly resourceNotFound = ProtocolErrorCode.ResourceNotFound;
  readonly structuredContentIsObject = true;
  readonly disconnectCancels = false;
  readonly logLevelKey = undefined;

  result(id: RequestId, { members, meta }: ResultParts): Reply {
    if (meta === undefined) return resultReply(id, `{${members}}`);
    return resultReply(id, `{${members === '' ? '' : `${members},`}"_meta":{${meta}}}`);
  }

  errorStatus(): number {
    return 200;
  }

  methodNotFound(id: RequestId, method: string): Reply {
    return errorReply(id, 200, ProtocolErrorCode.MethodNotFound, `Method not found: ${method}`);
  }
}
