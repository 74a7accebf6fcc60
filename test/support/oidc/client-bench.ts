import { InMemoryTelemetry, type Principal } from '../../../src/core/index.js';
import type { Fetch } from '../../../src/auth/oauth/egress-fetch.js';
import { InMemoryTokenStore } from '../../../src/auth/oauth/in-memory-token-store.js';
import { makeClient } from '../../../src/auth/oauth/make-client.js';
import type { OAuth2Client } from '../../../src/auth/oauth/oauth2-client.js';
import { OAuthEgress } from '../../../src/auth/oauth/oauth-egress.js';
import { oauthClientOptions, type OAuthClientOptions } from '../../../src/auth/oauth/oauth.options.js';
import { TokenSealer } from '../../../src/auth/oauth/token-sealer.js';
import type { TokenStore } from '../../../src/auth/oauth/token-store.js';
import type { TestAuthorizationServer } from './test-authorization-server.js';
import { TestBrowser } from './test-browser.js';

/** Where consents of {@link ClientBench} come back to; nobody listens there, the test takes the answer itself. */
export const REDIRECT_URI = 'https://mcp.example.com/oauth/callback/crm';
const CLIENT_ID = 'rookery';
const CLIENT_SECRET = 'a secret of the client, long enough';

/** Somebody who calls. */
export function person(id: string): Principal {
  return { id, roles: [], permissions: [], attributes: {} };
}

/** One process with a client of the test's authorization server; several share stores to be several processes. */
export interface ClientBenchOptions {
  readonly store?: TokenStore;
  readonly keys?: readonly string[];
  readonly options?: Partial<OAuthClientOptions>;
  readonly fetch?: Fetch;
}

/** A client of the test's authorization server, without a server of ours around it. */
export class ClientBench {
  readonly store: TokenStore;
  readonly client: OAuth2Client;
  readonly telemetry = new InMemoryTelemetry();
  /** How far the client's clock is ahead, in milliseconds. */
  ahead = 0;

  constructor(server: TestAuthorizationServer, { store, keys = [], options = {}, fetch }: ClientBenchOptions = {}) {
    const now = () => Date.now() + this.ahead;
    this.store = store ?? new InMemoryTokenStore(100, now);
    server.memory.addClient({
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    });
    const complete = oauthClientOptions.parse({
      issuer: server.issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      scopes: ['contacts:read'],
      resource: 'https://crm.example.com/',
      timeoutMs: 2_000,
      ...options,
    });
    const egress = new OAuthEgress();
    this.client = makeClient(
      'crm',
      complete,
      { tokens: this.store, consents: this.store },
      {
        sealer: new TokenSealer(keys),
        telemetry: this.telemetry,
        publicUrl: 'https://mcp.example.com',
        fetch: fetch ?? ((url, init) => egress.fetch(url, init)),
        now,
      },
    );
  }

  /** Opens the page of consent and comes back: the parameters of the answer. */
  async answerOf(url: string): Promise<URLSearchParams> {
    return (await new TestBrowser().visitUntil(url, REDIRECT_URI)).searchParams;
  }

  /** A person consents, from beginning to end. */
  async consent(principal: Principal, scopes?: readonly string[]): Promise<void> {
    const url = await this.client.authorizationUrl({ principal, scopes });
    await this.client.callback(await this.answerOf(url));
  }

  /** The value of a counter with these labels, 0 where nothing was counted. */
  counted(name: string, labels: Readonly<Record<string, string>>): number {
    const samples = this.telemetry.samples().filter((sample) => sample.name === name);
    const matching = samples.filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    return matching.reduce((sum, { value }) => sum + value, 0);
  }
}
