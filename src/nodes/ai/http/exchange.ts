import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, RookeryError } from '../../../core/index.js';
import { LlmProviderError } from '../provider-error.js';
import { BodyError, boundedBody, type BodyFormat } from './bounded-body.js';
import { sentHeaders, statusError, type Fetch, type ProviderHttp } from './provider-http.js';
import { retryAfterSeconds } from './retry-after.js';

/** Of an error's body this much is read. */
const MAX_ERROR_BYTES = 65_536;
const RETRIED = [429, 503, 529];
const FIRST_WAIT_MS = 250;

const FORMATS: Readonly<Record<BodyFormat, { readonly type: RegExp; readonly words: string }>> = {
  json: { type: /json/i, words: 'JSON' },
  ndjson: { type: /json/i, words: 'lines of JSON' },
  sse: { type: /event-stream/i, words: 'an event stream' },
};

/**
 * One request to a provider, with all that may go wrong on the way turned into errors of ours.
 *
 * The client package gets `fetch` from here. It may wrap what is thrown in errors of its own; the first fault is kept
 * and told instead.
 */
export class Exchange {
  readonly #deadline = new AbortController();
  readonly #signal: AbortSignal;
  readonly #ends: number;
  #fault: RookeryError | undefined;

  private constructor(
    private readonly http: ProviderHttp,
    private readonly format: BodyFormat,
    private readonly caller: AbortSignal,
  ) {
    this.#signal = AbortSignal.any([caller, this.#deadline.signal]);
    this.#ends = performance.now() + http.timeoutMs;
  }

  /**
   * Runs a client's request.
   *
   * @throws CancelledError when the caller's signal aborts
   * @throws LlmProviderError for everything else
   */
  static async run<T>(
    http: ProviderHttp,
    format: BodyFormat,
    signal: AbortSignal,
    work: (fetch: Fetch, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (signal.aborted) throw new CancelledError(undefined, { cause: signal.reason });
    const exchange = new Exchange(http, format, signal);
    const timer = setTimeout(() => exchange.#deadline.abort(), http.timeoutMs);
    timer.unref();
    try {
      const result = await work((input, init) => exchange.#fetch(input, init), exchange.#signal);
      // Clients end an aborted stream as if it were complete.
      exchange.#signal.throwIfAborted();
      if (exchange.#fault !== undefined) throw exchange.#fault;
      return result;
    } catch (error) {
      throw exchange.#explained(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #fetch(input: Parameters<Fetch>[0], init: RequestInit = {}): Promise<Response> {
    const headers = sentHeaders(new Headers(init.headers), this.http.apiKey);
    const signal = init.signal ? AbortSignal.any([this.#signal, init.signal]) : this.#signal;
    const request: RequestInit = { ...init, headers, signal, redirect: 'manual' };
    for (let attempt = 0; ; attempt++) {
      const response = await this.http.fetch(input, request);
      if (response.ok) return this.#checked(response);
      const { status } = response;
      if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
        await response.body?.cancel();
        throw this.#failed(`answers with a redirect, which is not followed. Check ${this.http.path}.baseUrl.`, status);
      }
      const retryAfter = retryAfterSeconds(response.headers.get('retry-after'), Date.now());
      const waitMs = retryAfter === undefined ? FIRST_WAIT_MS * 2 ** attempt : retryAfter * 1000;
      const again = RETRIED.includes(status) && attempt < this.http.retries;
      if (!again || performance.now() + waitMs >= this.#ends) {
        const error = statusError(this.http, status, await textOf(response), retryAfter);
        throw (this.#fault = error);
      }
      await response.body?.cancel();
      await sleep(waitMs, undefined, { signal });
    }
  }

  #checked(response: Response): Response {
    const type = response.headers.get('content-type');
    const { type: expected, words } = FORMATS[this.format];
    if (type !== null && !expected.test(type)) {
      void response.body?.cancel();
      throw this.#failed(
        `answers with something else than ${words}. Check ${this.http.path}.baseUrl.`,
        response.status,
      );
    }
    const body = response.body?.pipeThrough(boundedBody(this.format, this.http)) ?? null;
    return new Response(body, { status: response.status, headers: response.headers });
  }

  #failed(what: string, status?: number, cause?: unknown): LlmProviderError {
    const error = new LlmProviderError(this.http.provider, `The provider "${this.http.provider}" ${what}`, {
      status,
      cause,
    });
    this.#fault ??= error;
    return error;
  }

  /** What happened, whatever the client made of it. */
  #explained(thrown: unknown): RookeryError {
    if (this.caller.aborted) return new CancelledError(undefined, { cause: this.caller.reason });
    if (this.#fault !== undefined) return this.#fault;
    const { provider, path, timeoutMs } = this.http;
    if (this.#deadline.signal.aborted) {
      const message = `The provider "${provider}" did not answer within ${timeoutMs / 1000} s.`;
      return new LlmProviderError(provider, message, { code: 'timeout', cause: thrown });
    }
    for (const error of chain(thrown)) {
      if (error instanceof RookeryError) return error;
      if (error instanceof BodyError) return this.#failed(`sent an answer that ${error.message}.`, undefined, thrown);
      const { code } = error as NodeJS.ErrnoException;
      if (typeof code === 'string' && NETWORK.test(code)) {
        const what = `cannot be reached (${code}). See that it runs, and check ${path}.baseUrl.`;
        return this.#failed(what, undefined, thrown);
      }
    }
    return this.#failed('broke off its answer, or sent one that cannot be read.', undefined, thrown);
  }
}

const NETWORK =
  /^(?:E(?:CONNREFUSED|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|TIMEDOUT)|UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_|ERR_TLS)/;

function* chain(thrown: unknown): Iterable<Error> {
  let error = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    yield error;
    error = error.cause;
  }
}

async function textOf(response: Response): Promise<string> {
  const bounded = response.body?.pipeThrough(
    boundedBody('json', { maxBytes: MAX_ERROR_BYTES, maxLineBytes: MAX_ERROR_BYTES }),
  );
  try {
    return await new Response(bounded ?? null).text();
  } catch {
    // The status says enough.
    return '';
  }
}
