import * as oauth from 'oauth4webapi';
import { isLoopback, type Telemetry } from '../../core/index.js';
import { egressFetch, type Fetch } from './egress-fetch.js';
import { AuthorizationServerError, CallbackRefusedError } from './oauth-errors.js';
import type { OAuthClientOptions } from './oauth.options.js';
import { asServerError, codeOf, withoutContent } from './server-failure.js';
import { ServerMetadata } from './server-metadata.js';
import type { TokenSet } from './token-set.js';

/** How long a token is used whose server did not say (RFC 6749, 4.2.2 leaves it to the documentation). */
const ASSUMED_LIFETIME_MS = 3_600_000;

/** What an authorization server is spoken to with. */
export interface AuthorizationServerParts {
  readonly telemetry: Telemetry;
  readonly fetch: Fetch;
  readonly now: () => number;
}

/** What goes into a request for consent. */
export interface ConsentRequest {
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string;
  readonly codeVerifier: string;
}

type Grant = 'authorization_code' | 'refresh_token' | 'client_credentials' | 'revocation' | 'discovery';
type TokenResponse = Promise<oauth.TokenEndpointResponse>;

/**
 * One authorization server as one client sees it: the protocol (`oauth4webapi`) with our limits and errors.
 *
 * Every request is counted in `rookery_oauth_requests_total` by client, grant and outcome.
 */
export class AuthorizationServer {
  readonly #metadata: ServerMetadata;
  readonly #client: oauth.Client;
  readonly #authentication: oauth.ClientAuth;
  readonly #http: { [oauth.customFetch]: Fetch; [oauth.allowInsecureRequests]: boolean };

  constructor(
    readonly name: string,
    private readonly options: OAuthClientOptions,
    private readonly parts: AuthorizationServerParts,
  ) {
    const loopback = namesLoopback(options);
    const fetch = egressFetch(parts.fetch, { timeoutMs: options.timeoutMs, loopback });
    this.#metadata = new ServerMetadata(options, fetch, loopback, parts.now);
    this.#client = { client_id: options.clientId };
    this.#authentication = authenticationOf(options);
    this.#http = { [oauth.customFetch]: fetch, [oauth.allowInsecureRequests]: loopback };
  }

  /** Where a person consents. @throws AuthorizationServerError when the server does not say where that is. */
  async consentUrl({ redirectUri, scopes, state, codeVerifier }: ConsentRequest): Promise<string> {
    const challenge = await oauth.calculatePKCECodeChallenge(codeVerifier);
    const { authorization_endpoint: endpoint } = await this.#server();
    if (endpoint === undefined) {
      throw new AuthorizationServerError(this.name, 'unusable', 'publishes no page of consent');
    }
    const url = new URL(endpoint);
    const parameters = {
      client_id: this.options.clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      // Without a prompt, OpenID Connect servers ignore offline_access (OIDC Core, 11).
      ...(scopes.includes('offline_access') && { prompt: 'consent' }),
      ...this.#resource,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  /**
   * Tokens for the code with which a browser came back.
   *
   * The issuer in the answer is checked where configuration names one (RFC 9207); where it does not, the redirect URI
   * of this client alone is what keeps servers apart (RFC 9700, 4.4.2.2).
   *
   * @throws CallbackRefusedError when the answer is an error, or not one to this request
   */
  async exchange(
    parameters: URLSearchParams,
    { redirectUri, scopes, state, codeVerifier }: ConsentRequest,
  ): Promise<TokenSet> {
    const server = await this.#server();
    const answer = new URLSearchParams(parameters);
    if (this.options.issuer === undefined) answer.delete('iss');
    const valid = this.#checkAnswer(server, answer, state);
    return this.#tokens('authorization_code', scopes, async () => {
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        this.#authentication,
        valid,
        redirectUri,
        codeVerifier,
        { ...this.#http, additionalParameters: this.#resource },
      );
      return oauth.processAuthorizationCodeResponse(server, this.#client, response);
    });
  }

  /** New tokens for a refresh token; the one that was sent stays in them when the server did not rotate it. */
  async refresh(refreshToken: string, scopes: readonly string[]): Promise<TokenSet> {
    const server = await this.#server();
    const options = { ...this.#http, additionalParameters: this.#resource };
    const tokens = await this.#tokens('refresh_token', scopes, async () => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        this.#client,
        this.#authentication,
        refreshToken,
        options,
      );
      return oauth.processRefreshTokenResponse(server, this.#client, response);
    });
    return { refreshToken, ...tokens };
  }

  /** A token for this server itself (RFC 6749, 4.4). */
  async clientCredentials(scopes: readonly string[]): Promise<TokenSet> {
    const server = await this.#server();
    const parameters = { ...(scopes.length > 0 && { scope: scopes.join(' ') }), ...this.#resource };
    return this.#tokens('client_credentials', scopes, async () => {
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        this.#client,
        this.#authentication,
        parameters,
        this.#http,
      );
      return oauth.processClientCredentialsResponse(server, this.#client, response);
    });
  }

  /** Ends a token at the server (RFC 7009); `false` where the server knows no such request. */
  async revoke(token: string): Promise<boolean> {
    const server = await this.#server();
    if (server.revocation_endpoint === undefined) return false;
    await this.#counted('revocation', async () => {
      const response = await oauth.revocationRequest(server, this.#client, this.#authentication, token, this.#http);
      await oauth.processRevocationResponse(response);
    });
    return true;
  }

  get #resource(): Record<string, string> {
    return this.options.resource === undefined ? {} : { resource: this.options.resource };
  }

  async #server(): Promise<oauth.AuthorizationServer> {
    try {
      return await this.#metadata.get();
    } catch (error) {
      throw this.#failure('discovery', error);
    }
  }

  #checkAnswer(server: oauth.AuthorizationServer, answer: URLSearchParams, state: string): URLSearchParams {
    try {
      return oauth.validateAuthResponse(server, this.#client, answer, state);
    } catch (error) {
      if (error instanceof oauth.AuthorizationResponseError) {
        const denied = error.error === 'access_denied';
        throw new CallbackRefusedError(
          denied
            ? 'Access was not granted.'
            : `The authorization server answered with an error: ${codeOf(error.error)}.`,
        );
      }
      throw new CallbackRefusedError('This answer does not come from the server that was asked.', {
        cause: withoutContent(error),
      });
    }
  }

  async #tokens(grant: Grant, asked: readonly string[], request: () => TokenResponse): Promise<TokenSet> {
    const now = this.parts.now();
    return this.#counted(grant, async () => {
      const { access_token, token_type, refresh_token, scope, expires_in } = await request();
      if (token_type !== 'bearer') throw new oauth.UnsupportedOperationError('the token is not a bearer token');
      return {
        accessToken: access_token,
        ...(refresh_token !== undefined && { refreshToken: refresh_token }),
        scopes: scope === undefined ? [...asked] : scope.split(' ').filter((part) => part !== ''),
        obtainedAt: now,
        expiresAt: now + (expires_in === undefined ? ASSUMED_LIFETIME_MS : expires_in * 1000),
      };
    });
  }

  async #counted<T>(grant: Grant, request: () => Promise<T>): Promise<T> {
    try {
      const result = await request();
      this.#count(grant, 'ok');
      return result;
    } catch (error) {
      throw this.#failure(grant, error);
    }
  }

  #failure(grant: Grant, error: unknown): AuthorizationServerError {
    const failure = asServerError(this.name, grant, error);
    this.#count(grant, failure.fault);
    return failure;
  }

  #count(grant: Grant, outcome: string): void {
    this.parts.telemetry
      .counter({
        name: 'rookery_oauth_requests_total',
        help: 'Requests to authorization servers by client, grant and outcome.',
        labels: ['client', 'grant', 'outcome'],
      })
      .bind({ client: this.name, grant, outcome })
      .add(1);
  }
}

function namesLoopback({ issuer, tokenUrl, authorizationUrl }: OAuthClientOptions): boolean {
  const url = issuer ?? tokenUrl ?? authorizationUrl;
  return url !== undefined && isLoopback(new URL(url).hostname);
}

function authenticationOf({ clientAuthentication, clientSecret }: OAuthClientOptions): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None();
  return clientAuthentication === 'client_secret_post'
    ? oauth.ClientSecretPost(clientSecret)
    : oauth.ClientSecretBasic(clientSecret);
}
