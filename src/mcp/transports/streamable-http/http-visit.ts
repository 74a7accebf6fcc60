import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../../core/index.js';

/** A request that the door has let in: who sent it, from where. */
export interface HttpVisit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `undefined` for nobody. */
  readonly principal: Principal | undefined;
  /** The client's address, behind trusted proxies too. */
  readonly remoteAddress: string | undefined;
  /** Milliseconds that it took to find out who sent it, and that its message then waited for its turn. */
  waitedMs: number;
}
