import {
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';

/** How many accepted header values are remembered, so that each is parsed once. */
const REMEMBERED = 256;

/** What the guard is made from. */
export interface NameGuardOptions {
  readonly host: string;
  readonly publicUrl?: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly cors: { readonly origins: readonly string[] };
}

/**
 * Refuses requests that a browser was tricked into sending: a foreign `Host` (DNS rebinding) or `Origin`
 * (S/basic/transports/streamable-http, security). Host names only; ports may differ.
 */
export class NameGuard {
  readonly #hosts: readonly string[];
  readonly #origins: readonly string[];
  readonly #accepted = new Set<string>();

  constructor({ host, publicUrl, allowedHosts, allowedOrigins, cors }: NameGuardOptions) {
    const pages = cors.origins.map((origin) => new URL(origin).hostname);
    const own = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
    this.#hosts = [...localhostAllowedHostnames(), bracketed(host), ...own, ...allowedHosts];
    this.#origins = [...localhostAllowedOrigins(), ...own, ...allowedOrigins, ...pages];
  }

  /** Why a request is refused; `undefined` lets it in. */
  refusal(host: string | undefined, origin: string | undefined): string | undefined {
    const key = origin === undefined ? (host ?? '') : `${host ?? ''} ${origin}`;
    if (this.#accepted.has(key)) return undefined;
    const checkedHost = validateHostHeader(host, [...this.#hosts]);
    if (!checkedHost.ok) return `${checkedHost.message}. Add the name to server.allowedHosts if it is this server's.`;
    const checkedOrigin = validateOriginHeader(origin, [...this.#origins]);
    if (!checkedOrigin.ok)
      return `${checkedOrigin.message}. Add the name to server.allowedOrigins if you trust the site.`;
    if (this.#accepted.size < REMEMBERED) this.#accepted.add(key);
    return undefined;
  }
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
