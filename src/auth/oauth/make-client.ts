import { setTimeout as delay } from 'node:timers/promises';
import type { Telemetry } from '../../core/index.js';
import { AuthorizationServer } from './authorization-server.js';
import type { Fetch } from './egress-fetch.js';
import { OAuth2Client } from './oauth2-client.js';
import { redirectPathOf, type OAuthClientOptions } from './oauth.options.js';
import { PendingConsents } from './pending-consents.js';
import { TokenRefresher } from './token-refresher.js';
import type { TokenSealer } from './token-sealer.js';
import type { TokenStore } from './token-store.js';
import { TokenVault } from './token-vault.js';

/** What clients share. */
export interface ClientSurroundings {
  readonly sealer: TokenSealer;
  readonly telemetry: Telemetry;
  /** How browsers reach this server. */
  readonly publicUrl: string;
  readonly fetch: Fetch;
  /** @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default real time */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
}

/** The stores of one client: pending consents stand apart in memory, so that beginning many of them drops nobody's tokens. */
export interface ClientStores {
  readonly tokens: TokenStore;
  readonly consents: TokenStore;
}

/** Puts a client together. */
export function makeClient(
  name: string,
  options: OAuthClientOptions,
  stores: ClientStores,
  { sealer, telemetry, publicUrl, fetch, now = Date.now, sleep = delay }: ClientSurroundings,
): OAuth2Client {
  const server = new AuthorizationServer(name, options, { telemetry, fetch, now });
  const vault = new TokenVault({ client: name, store: stores.tokens, sealer, retentionDays: options.retentionDays });
  const pending = new PendingConsents({
    client: name,
    store: stores.consents,
    sealer,
    ttlMs: options.consentTtlMs,
    now,
  });
  const refresher = new TokenRefresher({
    client: name,
    vault,
    refresh: (refreshToken, scopes) => server.refresh(refreshToken, scopes),
    skewMs: options.expirySkewMs,
    timeoutMs: options.timeoutMs,
    telemetry,
    now,
    sleep,
  });
  const redirectUri = publicUrl.replace(/\/+$/, '') + redirectPathOf(name, options);
  return new OAuth2Client(name, { options, redirectUri, server, vault, pending, refresher, now, sleep });
}
