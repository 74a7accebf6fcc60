import { isLoopback } from '../../core/index.js';

/** The largest answer that an authorization server may give. */
const MAX_RESPONSE_BYTES = 262_144;

/** A request out. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: URLSearchParams | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly redirect: 'manual';
}

/** How requests leave: `fetch`, or what stands in for it. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

/** What a request out may do. */
export interface EgressLimits {
  readonly timeoutMs: number;
  /** Whether http to loopback is allowed: only where configuration names such a URL itself. */
  readonly loopback: boolean;
}

/**
 * `fetch` with limits: https (or loopback where allowed), no redirects, an answer of 256 KiB at most, all of it within
 * `timeoutMs`. The one way out of this folder.
 */
export function egressFetch(fetch: Fetch, { timeoutMs, loopback }: EgressLimits): Fetch {
  return async (url, init) => {
    assertAllowed(url, loopback);
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const response = await fetch(url, { ...init, signal });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new EgressRefusal(`answered with a redirect (${response.status}), which is not followed`);
    }
    const { status, statusText, headers } = response;
    const body = await boundedBody(response);
    return new Response(status === 204 || status === 205 ? null : body, { status, statusText, headers });
  };
}

/** Why a request was not made, or its answer not taken; says nothing of what was in it. */
export class EgressRefusal extends Error {
  override readonly name = 'EgressRefusal';
}

/** @throws EgressRefusal for a URL that is not to be spoken to, nor shown to a browser. */
export function assertAllowed(url: string, loopback: boolean): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || (protocol === 'http:' && loopback && isLoopback(hostname))) return;
  throw new EgressRefusal(`has a URL that is not https: ${protocol}//${hostname}`);
}

async function boundedBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_RESPONSE_BYTES) throw new EgressRefusal(`answered with more than ${MAX_RESPONSE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}
