import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import type { Agent, Response } from 'undici';
import type { Telemetry } from '../telemetry.js';
import type { Tracer } from '../tracer.js';
import { EgressPolicy, EgressRefusedError, type EgressRules } from './egress-policy.js';

/** What is asked of somebody outside. */
export interface EgressRequest {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Further headers, for the origin that is asked and no other that it redirects to. */
  readonly credentials?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** From the first byte out to the last byte in, redirects included. @default 30,000 */
  readonly timeoutMs?: number | undefined;
  /** Bytes of the answer's body, decompressed; more is an error. @default 10 MiB */
  readonly maxBytes?: number | undefined;
  /** @default 5; 0 answers with the redirect itself */
  readonly maxRedirects?: number | undefined;
}

/** What came back. */
export interface EgressResponse {
  readonly status: number;
  /** Lower-case names; several values of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

/** How names become addresses; for tests. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What an {@link EgressGuard} is made from. */
export interface EgressGuardOptions extends EgressRules {
  readonly telemetry: Telemetry;
  readonly tracer?: Tracer | undefined;
  /** @default the system's resolver */
  readonly resolve?: Resolve | undefined;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What another origin must not learn when it is redirected to. */
const FOR_ONE_ORIGIN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);

/**
 * The one way out for requests that callers or configuration name: allowed origins only, the public internet only unless
 * a range is allowed, each redirect looked at again, time and size bounded.
 *
 * The addresses that a name has are checked and connected to in one step, so nobody can change them in between (DNS
 * rebinding). No proxy of the environment is used.
 */
export class EgressGuard {
  readonly #policy: EgressPolicy;
  readonly #refused;
  readonly #options: EgressGuardOptions;
  #agent: Promise<Agent> | undefined;

  /** @throws Error naming each rule that is none */
  constructor(options: EgressGuardOptions) {
    this.#options = options;
    this.#policy = new EgressPolicy(options);
    this.#refused = options.telemetry.counter({
      name: 'rookery_egress_refused_total',
      help: 'Requests out that a rule refused, by what was wrong.',
      labels: ['reason'],
    });
  }

  /**
   * Asks, and reads the whole answer.
   *
   * @throws EgressRefusedError when a rule refuses; the reason of `signal`; what the network says otherwise
   */
  async request(target: string, request: EgressRequest = {}): Promise<EgressResponse> {
    const { method = 'GET', signal, timeoutMs = TIMEOUT_MS } = request;
    // Not `AbortSignal.timeout`, whose timer stays until its time whenever the answer came.
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new DOMException('No answer in time', 'TimeoutError')), timeoutMs);
    timer.unref();
    const ends = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
    const work = (): Promise<EgressResponse> => this.#follow(target, { ...request, method, signal: ends });
    try {
      const { tracer } = this.#options;
      if (tracer === undefined) return await work();
      return await tracer.span(method, { kind: 'client', attributes: { 'http.request.method': method } }, (span) =>
        work().then((answer) => {
          span.set({ 'http.response.status_code': answer.status, 'server.address': new URL(answer.url).hostname });
          return answer;
        }),
      );
    } catch (error) {
      throw this.#counted(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The same rules for a client that brings its own reading of answers: give it this in place of `fetch`. Redirects are
   * errors, and reading is bounded by whoever reads.
   */
  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<globalThis.Response> => {
    const target = input instanceof Request ? input.url : String(input);
    try {
      const url = this.#policy.checkUrl(target);
      const agent = await this.#connections();
      const { fetch } = await import('undici');
      const given = input instanceof Request ? await initOf(input) : {};
      const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
      const traced: Record<string, string> = {};
      this.#options.tracer?.inject(traced);
      for (const [name, value] of Object.entries(traced)) headers.set(name, value);
      const outgoing = { ...given, ...init, headers: [...headers.entries()], redirect: 'error', dispatcher: agent };
      return await fetch(url, outgoing as Parameters<typeof fetch>[1]);
    } catch (error) {
      throw this.#counted(refusalIn(error));
    }
  };

  /** Ends the connections that are kept. */
  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }

  async #follow(target: string, request: EgressRequest): Promise<EgressResponse> {
    let { method, headers = {}, credentials = {}, body } = request;
    let url = this.#policy.checkUrl(target);
    for (let left = request.maxRedirects ?? MAX_REDIRECTS; ; left--) {
      const response = await this.#ask(url, { ...request, method, headers: { ...headers, ...credentials }, body });
      const location = response.headers.get('location');
      if (!REDIRECTS.has(response.status) || location === null || request.maxRedirects === 0) {
        return await answerOf(response, url, request.maxBytes ?? MAX_BYTES);
      }
      await response.body?.cancel();
      if (left === 0) throw new EgressRefusedError('redirects', 'The answer was one redirect too many.');
      const next = this.#policy.checkUrl(URL.canParse(location, url.href) ? new URL(location, url).href : '');
      if (next.origin !== url.origin) [headers, credentials] = [withoutCredentials(headers), {}];
      if (response.status === 303 || (response.status < 303 && method === 'POST')) {
        [method, body] = ['GET', undefined];
        headers = withoutBodyHeaders(headers);
      }
      url = next;
    }
  }

  async #ask(url: URL, { method, headers, body, signal }: EgressRequest): Promise<Response> {
    const dispatcher = await this.#connections();
    const { fetch } = await import('undici');
    const outgoing: Record<string, string> = { ...headers };
    this.#options.tracer?.inject(outgoing);
    try {
      return await fetch(url, {
        headers: outgoing,
        redirect: 'manual',
        dispatcher,
        ...(method !== undefined && { method }),
        ...(body !== undefined && { body }),
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      throw refusalIn(error);
    }
  }

  /** Made with the first request: the client takes 30 ms to load. */
  #connections(): Promise<Agent> {
    return (this.#agent ??= import('undici').then(
      ({ Agent }) =>
        new Agent({
          connect: { lookup: (host, options, done) => this.#lookup(host, options, done) },
          keepAliveTimeout: 4_000,
          connections: 32,
        }),
    ));
  }

  /** Every address of the name must be allowed: one that is not says that the name is not to be trusted. */
  #lookup(
    host: string,
    options: LookupOptions,
    done: (error: Error | null, address: never, family?: number) => void,
  ): void {
    const ask: Resolve = this.#options.resolve ?? resolve;
    ask(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, [] as never);
      try {
        for (const { address } of addresses) this.#policy.checkAddress(address);
      } catch (refusal) {
        return done(refusal as Error, [] as never);
      }
      const [first] = addresses;
      if (options.all === true || first === undefined) return done(null, addresses as never);
      done(null, first.address as never, first.family);
    });
  }

  #counted(error: unknown): unknown {
    if (error instanceof EgressRefusedError) this.#refused.bind({ reason: error.reason }).add(1);
    return error;
  }
}

async function answerOf(response: Response, url: URL, maxBytes: number): Promise<EgressResponse> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.byteLength;
    if (size > maxBytes) {
      throw new EgressRefusedError('size', `The answer is larger than the ${maxBytes} bytes that are read.`);
    }
    chunks.push(bytes);
  }
  const headers = Object.fromEntries(response.headers.entries());
  return { status: response.status, headers, body: Buffer.concat(chunks, size), url: url.href };
}

/** A refusal while connecting comes wrapped in the client's own error. */
function refusalIn(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof EgressRefusedError ? cause : error;
}

async function initOf(request: Request): Promise<RequestInit> {
  const body = request.body === null ? undefined : await request.arrayBuffer();
  return { method: request.method, signal: request.signal, ...(body !== undefined && { body }) };
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !FOR_ONE_ORIGIN.has(name.toLowerCase())));
}

function withoutBodyHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)));
}
