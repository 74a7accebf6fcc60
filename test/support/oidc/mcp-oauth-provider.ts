import type { OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/client';
import { TestBrowser } from './test-browser.js';

const REDIRECT_URI = 'http://127.0.0.1:8976/callback';

type Tokens = Awaited<ReturnType<NonNullable<OAuthClientProvider['tokens']>>>;
type ClientInformation = Awaited<ReturnType<OAuthClientProvider['clientInformation']>>;

/**
 * What an MCP client keeps while it gets a token: registers itself (RFC 7591), remembers the page that it has to open,
 * and asks at first for as little as it is told to.
 */
export class McpOAuthProvider implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT_URI;
  readonly clientMetadata = {
    client_name: 'the client of a test',
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  };
  /** Where the person was sent, oldest first. */
  readonly pages: URL[] = [];
  #tokens: Tokens;
  #information: ClientInformation;
  #verifier = '';
  #discovered: OAuthDiscoveryState | undefined;

  /** @param firstScopes - what is asked for at first, whatever the server suggests */
  constructor(private readonly firstScopes?: string) {}

  clientInformation(): ClientInformation {
    return this.#information;
  }

  saveClientInformation(information: NonNullable<ClientInformation>): void {
    this.#information = information;
  }

  tokens(): Tokens {
    return this.#tokens;
  }

  saveTokens(tokens: NonNullable<Tokens>): void {
    this.#tokens = tokens;
  }

  redirectToAuthorization(url: URL): void {
    if (this.pages.length === 0 && this.firstScopes !== undefined) url.searchParams.set('scope', this.firstScopes);
    this.pages.push(url);
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovered = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovered;
  }

  /** What the browser came back with from the page that was opened last. */
  async answer(): Promise<URLSearchParams> {
    const page = this.pages.at(-1);
    if (page === undefined) throw new Error('The client has not sent anybody to a page of consent.');
    return (await new TestBrowser().visitUntil(page.href, REDIRECT_URI)).searchParams;
  }
}
