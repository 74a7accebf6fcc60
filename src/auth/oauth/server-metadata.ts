import * as oauth from 'oauth4webapi';
import { assertAllowed, type Fetch } from './egress-fetch.js';
import type { OAuthClientOptions } from './oauth.options.js';

/** How long what an issuer published is believed. */
const TTL_MS = 3_600_000;

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'revocation_endpoint'] as const;

/**
 * What is known of an authorization server: the URLs of the configuration, the others as its issuer publishes them
 * (RFC 8414, then OpenID Connect Discovery), asked for when first needed and once an hour.
 */
export class ServerMetadata {
  #discovered: { readonly metadata: Promise<oauth.AuthorizationServer>; readonly until: number } | undefined;

  constructor(
    private readonly options: OAuthClientOptions,
    private readonly fetch: Fetch,
    private readonly loopback: boolean,
    private readonly now: () => number,
  ) {}

  /** @throws what {@link Fetch} or the library throws, and EgressRefusal for an endpoint that is not https. */
  async get(): Promise<oauth.AuthorizationServer> {
    const { issuer, authorizationUrl, tokenUrl, revocationUrl } = this.options;
    const complete = authorizationUrl !== undefined && tokenUrl !== undefined;
    const published = issuer === undefined ? undefined : complete ? { issuer } : await this.#discover(issuer);
    const metadata: oauth.AuthorizationServer = {
      ...(published ?? { issuer: new URL(tokenUrl ?? '').origin }),
      ...(authorizationUrl !== undefined && { authorization_endpoint: authorizationUrl }),
      ...(tokenUrl !== undefined && { token_endpoint: tokenUrl }),
      ...(revocationUrl !== undefined && { revocation_endpoint: revocationUrl }),
    };
    for (const name of ENDPOINTS) {
      const endpoint = metadata[name];
      if (endpoint !== undefined) assertAllowed(endpoint, this.loopback);
    }
    return metadata;
  }

  #discover(issuer: string): Promise<oauth.AuthorizationServer> {
    const now = this.now();
    if (this.#discovered !== undefined && this.#discovered.until > now) return this.#discovered.metadata;
    const metadata = this.#ask(new URL(issuer));
    const discovered = { metadata, until: now + TTL_MS };
    this.#discovered = discovered;
    metadata.catch(() => {
      // A failure is told to those who wait, and the next one asks again.
      if (this.#discovered === discovered) this.#discovered = undefined;
    });
    return metadata;
  }

  async #ask(issuer: URL): Promise<oauth.AuthorizationServer> {
    const options = { [oauth.customFetch]: this.fetch, [oauth.allowInsecureRequests]: this.loopback };
    const first = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
    const response =
      first.status === 404 ? await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oidc' }) : first;
    const metadata = await oauth.processDiscoveryResponse(issuer, response);
    const methods = metadata.code_challenge_methods_supported;
    if (methods !== undefined && !methods.includes('S256')) {
      throw new oauth.UnsupportedOperationError('the server does not support the PKCE method S256');
    }
    return metadata;
  }
}
