import type { IncomingHttpHeaders } from 'node:http';
import type { RefusalReason } from './refusal-reason.js';

/** A credential as it stood in a header. */
export interface Credential {
  /** `bearer` and `api-key` (the header X-API-Key), or another scheme of `Authorization`. */
  readonly scheme: 'bearer' | 'api-key' | 'other';
  /** The credential alone; of another scheme, the whole header. */
  readonly secret: string;
}

/** What the headers of a request say of credentials. */
export type CredentialReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'credential'; readonly credential: Credential }
  | { readonly kind: 'faulty'; readonly reason: RefusalReason; readonly message: string };

/** The longest header that may hold a credential, in characters: the bound that Node puts on all headers together. */
export const MAX_CREDENTIAL = 16_384;

const VISIBLE = /^[\x21-\x7e]+$/;
const SCHEME = /^[!#$%&'*+.^`|~\w-]+ +[\x20-\x7e]+$/;

const NONE: CredentialReading = { kind: 'none' };

/**
 * Reads the one credential of a request: `Authorization: Bearer …`, or `X-API-Key: …`.
 *
 * Nothing else is looked at: a token in the query, a form or a cookie is ignored, as URLs end up in logs (RFC 9700
 * §4.3.2). Two credentials are refused rather than one of them chosen, and so is one that is not visible ASCII.
 *
 * @param rawHeaders - names and values in turn, as Node has them: `headers` drops a second `Authorization`
 */
export function credentialOf(headers: IncomingHttpHeaders, rawHeaders: readonly string[] = []): CredentialReading {
  const { authorization } = headers;
  const apiKey = headers['x-api-key'];
  if (authorization === undefined && apiKey === undefined) return NONE;
  if (authorization !== undefined && apiKey !== undefined) return SEVERAL;
  if (isRepeated(rawHeaders)) return SEVERAL;
  if (authorization === undefined) return typeof apiKey === 'string' ? plain('api-key', apiKey) : SEVERAL;
  if (!isBearer(authorization)) return other(authorization);
  return plain('bearer', authorization.slice(BEARER.length).replace(/^ +/, ''));
}

const BEARER = 'bearer ';

function isBearer(authorization: string): boolean {
  return authorization.slice(0, BEARER.length).toLowerCase() === BEARER;
}

function plain(scheme: 'bearer' | 'api-key', secret: string): CredentialReading {
  if (secret.length > MAX_CREDENTIAL) return TOO_LARGE;
  return VISIBLE.test(secret) ? { kind: 'credential', credential: { scheme, secret } } : MALFORMED;
}

function other(authorization: string): CredentialReading {
  if (authorization.length > MAX_CREDENTIAL) return TOO_LARGE;
  if (!SCHEME.test(authorization)) return MALFORMED;
  return { kind: 'credential', credential: { scheme: 'other', secret: authorization } };
}

/** Lengths first: this runs for every request. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let seen = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== AUTHORIZATION.length && name.length !== API_KEY.length) continue;
    const lower = name.toLowerCase();
    if (lower !== AUTHORIZATION && lower !== API_KEY) continue;
    if (seen) return true;
    seen = true;
  }
  return false;
}

const AUTHORIZATION = 'authorization';
const API_KEY = 'x-api-key';

const SEVERAL: CredentialReading = {
  kind: 'faulty',
  reason: 'several_credentials',
  message: 'Send one credential: either Authorization or X-API-Key, once.',
};
const TOO_LARGE: CredentialReading = {
  kind: 'faulty',
  reason: 'too_large',
  message: `The credential is longer than ${MAX_CREDENTIAL} characters.`,
};
const MALFORMED: CredentialReading = {
  kind: 'faulty',
  reason: 'malformed',
  message: 'The credential cannot be read: send "Authorization: Bearer <credential>" or "X-API-Key: <key>".',
};
