import { redactText } from '../../../core/index.js';
import { LlmProviderError } from '../provider-error.js';
import type { BodyLimits } from './bounded-body.js';

/** What reaches out: `fetch` of this process, or one that goes through an egress guard. */
export type Fetch = typeof globalThis.fetch;

/** How one provider is reached. */
export interface ProviderHttp extends BodyLimits {
  /** The name in the configuration. */
  readonly provider: string;
  /** Where it stands in the configuration, for messages: `nodes.ai.providers.ollama`. */
  readonly path: string;
  /** Put into the header the client has for it; `undefined` sends none. */
  readonly apiKey: string | undefined;
  /** For one request with its retries, in milliseconds. */
  readonly timeoutMs: number;
  /** How often a 429, 503 or 529 is tried again. */
  readonly retries: number;
  readonly fetch: Fetch;
}

/** What clients are given for a key: they never see the real one, so nothing that they log or throw can hold it. */
export const PLACEHOLDER_KEY = 'rookery-placeholder';

/** Headers of a client that are sent; whatever it found in the environment stays here. */
const SENT = ['accept', 'content-type', 'user-agent', 'anthropic-version'];
const CREDENTIALS = ['authorization', 'x-api-key'];

/** The headers of a request: those the protocol needs, with the real key for the placeholder. */
export function sentHeaders(given: Headers, apiKey: string | undefined): Headers {
  const sent = new Headers();
  for (const name of SENT) {
    const value = given.get(name);
    if (value !== null) sent.set(name, value);
  }
  for (const name of CREDENTIALS) {
    const value = given.get(name);
    if (apiKey !== undefined && value?.includes(PLACEHOLDER_KEY)) {
      sent.set(name, value.replace(PLACEHOLDER_KEY, apiKey));
    }
  }
  return sent;
}

const LONGEST_REASON = 300;

/** What a provider wrote, fit for a message: one line, cut, without our key and what looks like a credential. */
export function tellable(text: string, apiKey: string | undefined): string {
  const without = apiKey === undefined ? text : text.replaceAll(apiKey, '***');
  // Some providers repeat the key they refuse with its middle left out.
  const clean = redactText(without.replaceAll(/\s+/g, ' ').trim()).replaceAll(/\b(?:sk|pk)-[\w*.-]{4,}/g, '***');
  return clean.length > LONGEST_REASON ? `${clean.slice(0, LONGEST_REASON)}…` : clean;
}

/** The error of an answer that is none. */
export function statusError(
  http: ProviderHttp,
  status: number,
  body: string,
  retryAfter: number | undefined,
): LlmProviderError {
  const { provider, path, apiKey } = http;
  const reason = tellable(reasonOf(body), apiKey);
  const said = reason === '' ? '' : ` (${reason})`;
  const wait = retryAfter === undefined ? '' : ` Try again in ${retryAfter} s.`;
  const cause = new Error(`${provider} answered ${status}: ${reason}`);
  const make = (message: string, init: ConstructorParameters<typeof LlmProviderError>[2]): LlmProviderError =>
    new LlmProviderError(provider, message, { status, cause, ...init });
  const details = retryAfter === undefined ? {} : { retryAfter };

  if (status === 401 || status === 403) {
    const what =
      apiKey === undefined ? 'wants a credential, and none is configured' : "refuses the server's credential";
    return make(`The provider "${provider}" ${what}. Set ${path}.apiKey or ${path}.apiKeyFile.`, {
      verdict: 'neither',
    });
  }
  if (status === 404) {
    if (/model/i.test(reason)) {
      return make(`The provider "${provider}" has no such model${said}.`, { verdict: 'answered', modelMissing: true });
    }
    return make(`The provider "${provider}" knows no such address. Check ${path}.baseUrl.`, { verdict: 'neither' });
  }
  if (status === 429) {
    return make(`The provider "${provider}" takes no more requests for now.${wait}`, {
      code: 'rate_limited',
      verdict: 'neither',
      details,
    });
  }
  if (status === 503 || status === 529) {
    return make(`The provider "${provider}" is overloaded.${wait}`, { code: 'overloaded', details });
  }
  if (status >= 400 && status < 500) {
    return make(`The provider "${provider}" refuses the request${said}.`, { verdict: 'answered' });
  }
  return make(`The provider "${provider}" failed (status ${status}). Try again later.`, {});
}

/** Providers write `{"error":"…"}` or `{"error":{"message":"…"}}`; anything else is for the log. */
function reasonOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return error;
    const { message } = (error ?? {}) as { message?: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
