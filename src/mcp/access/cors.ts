import type { IncomingMessage, ServerResponse } from 'node:http';

/** Which pages of other origins may talk to the endpoint. */
export interface CorsOptions {
  readonly origins: readonly string[];
  readonly maxAgeSeconds: number;
}

/** Headers of answers that scripts may read. */
const EXPOSED = 'Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy';
const METHODS = 'GET, POST, DELETE, OPTIONS';
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]{1,64}(?:\s*,\s*[\w!#$%&'*+.^`|~-]{1,64}){0,63}$/;

/**
 * Cross-origin requests of browsers (Fetch standard, CORS protocol), for the origins that are configured and no other.
 *
 * Credentials go in headers that a script sets itself, so `Access-Control-Allow-Credentials` is never sent: cookies are
 * nothing to this server.
 */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  constructor(private readonly options: CorsOptions) {
    this.#origins = new Set(options.origins);
  }

  /** Adds what lets a page of an allowed origin read the answer. */
  mark({ headers }: IncomingMessage, response: ServerResponse): void {
    if (this.#origins.size === 0) return;
    response.setHeader('vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || !this.#origins.has(origin)) return;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', EXPOSED);
  }

  /** Answers a preflight request of an allowed origin; whether it was one. */
  preflight({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = headers;
    if (method !== 'OPTIONS' || origin === undefined || !this.#origins.has(origin)) return false;
    if (headers['access-control-request-method'] === undefined) return false;
    const asked = headers['access-control-request-headers'] ?? '';
    response.writeHead(204, {
      'access-control-allow-methods': METHODS,
      ...(HEADER_NAMES.test(asked) && { 'access-control-allow-headers': asked }),
      'access-control-max-age': String(this.options.maxAgeSeconds),
    });
    response.end();
    return true;
  }
}
