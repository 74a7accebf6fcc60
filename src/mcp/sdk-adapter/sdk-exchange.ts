import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Principal } from '../../core/index.js';
import type { ExchangeOrigin } from '../exchange.js';
import type { HttpVisit } from '../transports/streamable-http/http-visit.js';
import { ProtocolError, type Params } from '../wire.js';
import type { Sdk } from './sdk.js';

/** What the SDK gives the handler of a request. */
export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** How the client of a request is reached while it is being answered. */
export interface Channel extends Pick<
  ExchangeOrigin,
  'send' | 'release' | 'remoteAddress' | 'principal' | 'waitedMs' | 'headers'
> {
  readonly request: NonNullable<ExchangeOrigin['request']>;
}

/** The longest time that a timer of Node can wait. */
const FOR_EVER_MS = 2_147_483_647;

/** Reaches the client of a request through the SDK's server. */
export function channelOf(sdk: Sdk, extra: Extra, failed: (error: unknown) => void): Channel {
  return {
    ...callerOf(extra),
    send: (message) => {
      extra.sendNotification(JSON.parse(message) as ServerNotification).catch(failed);
    },
    release: () => extra.closeSSEStream?.(),
    request: (method, params, signal) => ask(sdk, extra, { method, ...(params !== undefined && { params }) }, signal),
  };
}

/**
 * Sends a request to the client. How long it may take is the call's matter, not the SDK's, and so is the reason of an
 * end: the SDK would make an error of its own of it, and go on listening to the signal behind the answer.
 */
async function ask(
  { AnyResult, McpError }: Sdk,
  extra: Extra,
  request: { readonly method: string; readonly params?: Params },
  signal: AbortSignal,
): Promise<unknown> {
  const waiting = new AbortController();
  const abort = (): void => waiting.abort(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    const options = { signal: waiting.signal, timeout: FOR_EVER_MS };
    return await extra.sendRequest(request as ServerRequest, AnyResult, options);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof McpError)) throw error;
    throw new ProtocolError(error.code, `The client refused: ${error.message}`, error.data);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Who sent one HTTP request, from where, and how long it waited at the door. */
class SdkCaller {
  constructor(
    readonly principal: Principal | undefined,
    readonly remoteAddress: string | undefined,
    readonly waitedMs: number,
    readonly headers: ExchangeOrigin['headers'],
  ) {}
}

/** The SDK hands on what stands in `auth` of a request, and nothing else of ours. */
export function withCaller({ request, principal, remoteAddress, waitedMs }: HttpVisit) {
  const caller = new SdkCaller(principal, remoteAddress, waitedMs, request.headers);
  return Object.assign(request, { auth: { token: '', clientId: '', scopes: [], extra: { caller } } });
}

/** Of a request over HTTP; on a pipe whoever the client is, is who it was from its beginning. */
export function callerOf({ authInfo }: Pick<Extra, 'authInfo'>): Partial<SdkCaller> {
  const caller = authInfo?.extra?.['caller'];
  return caller instanceof SdkCaller ? caller : {};
}
