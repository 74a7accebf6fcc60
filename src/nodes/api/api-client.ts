import { Injectable } from '@nestjs/common';
import { EgressRefusedError, ForbiddenError, ToolError, type EgressResponse } from '../../core/index.js';
import type { NodeContext } from '../model/node.js';
import { NodeEgress } from '../model/node-egress.js';
import { NodeSecrets } from '../model/node-secrets.js';
import { credentialsOf, secretNameOf, type ApiAuth } from './api-auth.js';
import { apiOptions, type ApiOptions } from './api.options.js';

/** The options of HTTP nodes, complete. */
export class ApiSettings {
  constructor(readonly options: ApiOptions = apiOptions.parse({})) {}
}

/** One request of a node. */
export interface ApiRequest {
  readonly url: string;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly auth?: ApiAuth;
  /** Not more than the configured time. */
  readonly timeoutMs?: number | undefined;
  readonly followRedirects?: boolean | undefined;
}

/** An answer, its body as text or, of what is no text, undecoded. */
export interface ApiAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Headers of an answer that are about the connection, or about other callers. */
const NOT_SHOWN: ReadonlySet<string> = new Set([
  'set-cookie',
  'set-cookie2',
  'connection',
  'keep-alive',
  'transfer-encoding',
]);
/** A shorter secret would be found in too much that is none. */
const SHORTEST_MASKED = 8;

/** Sends the requests of nodes through the egress guard, credentials put in and taken out of what comes back. */
@Injectable()
export class ApiClient {
  readonly #options: ApiOptions;

  constructor(
    { options }: ApiSettings,
    private readonly egress: NodeEgress,
    private readonly secrets: NodeSecrets,
  ) {
    this.#options = options;
  }

  /** Bytes of one answer at most, and of all pages of a list together. */
  get maxResponseBytes(): number {
    return this.#options.maxResponseBytes;
  }

  /** The most pages that one run fetches. */
  get maxPages(): number {
    return this.#options.maxPages;
  }

  /** @throws EgressRefusedError saying what to configure; ToolError when nobody answers in time */
  async send(request: ApiRequest, context: NodeContext): Promise<ApiAnswer> {
    const { headers, secret } = credentialsOf(request.auth, context);
    this.#checkDestination(request);
    const { timeoutMs, maxResponseBytes } = this.#options;
    const time = Math.min(request.timeoutMs ?? timeoutMs, timeoutMs);
    try {
      const answer = await this.egress.request(request.url, {
        method: request.method,
        headers: { 'user-agent': 'rookery', ...request.headers },
        credentials: headers,
        body: request.body,
        signal: context.signal,
        timeoutMs: time,
        maxBytes: maxResponseBytes,
        maxRedirects: request.followRedirects === false ? 0 : undefined,
      });
      return answerOf(answer, masksFor(secret, headers));
    } catch (error) {
      throw explained(error, time, context.signal);
    }
  }

  /** Who may name a secret and an address must not bring the one to the other, unless it belongs there. */
  #checkDestination({ url, auth }: ApiRequest): void {
    const name = secretNameOf(auth);
    if (name === undefined || !URL.canParse(url)) return;
    const { origin } = new URL(url);
    const { allow } = this.#options;
    const onlyOne = allow.length === 1 && allow[0]?.includes('*') === false ? allow : [];
    const origins = this.secrets.originsOf(name) ?? onlyOne;
    if (origins.some((allowed) => URL.canParse(allowed) && new URL(allowed).origin === origin)) return;
    throw new ForbiddenError(
      `The secret "${name.slice(0, 64)}" is not sent to ${origin}. An operator can allow it in nodes.secrets.${name.slice(0, 64)}.origins.`,
    );
  }
}

function answerOf({ status, headers, url, body }: EgressResponse, masks: readonly string[]): ApiAnswer {
  const mask = (text: string): string => masks.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
  const shown = Object.entries(headers).filter(([name]) => !NOT_SHOWN.has(name));
  const text = body.toString('utf8');
  const masked = mask(text);
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: Object.fromEntries(shown.map(([name, value]) => [name, mask(value)])),
    url: mask(url),
    bytes: masked === text ? body : Buffer.from(masked, 'utf8'),
    text: masked,
  };
}

/** A secret in the forms in which an answer may echo it: as it was sent, in JSON, in a URL. Longer ones go first. */
function masksFor(secret: string | undefined, headers: Readonly<Record<string, string>>): readonly string[] {
  if (secret === undefined) return [];
  const sent = Object.values(headers).flatMap((value) => [value, value.replace(/^(?:Bearer|Basic) /, '')]);
  const forms = new Set([...sent, secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  forms.delete(headers['authorization'] ?? '');
  return [...forms].filter(({ length }) => length >= SHORTEST_MASKED).toSorted((a, b) => b.length - a.length);
}

function explained(error: unknown, timeMs: number, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason ?? error;
  if (error instanceof EgressRefusedError) {
    if (error.reason !== 'host' && error.reason !== 'address') return error;
    const key = error.reason === 'host' ? 'nodes.api.allow' : 'nodes.api.privateRanges';
    return new EgressRefusedError(error.reason, `${error.message} An operator can allow them in ${key}.`);
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new ToolError(`There was no whole answer within ${timeMs / 1000} seconds.`, {}, { cause: error });
  }
  const { code } = ((error as Error).cause ?? error) as { readonly code?: unknown };
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new ToolError(`The request failed${why}: nobody answered as HTTP asks for.`, {}, { cause: error });
}
