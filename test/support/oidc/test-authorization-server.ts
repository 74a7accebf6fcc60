import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';
import { finishInteraction } from './interaction.js';
import { OidcMemory } from './memory-adapter.js';

/** How the server behaves; may be changed while it runs. */
export interface ServerBehaviour {
  /** Who signs in. */
  account: string;
  /** Whether people refuse to consent. */
  refuses: boolean;
  /** Seconds. */
  accessTokenTtl: number;
  /** What becomes of the next answers of the token endpoint, one each; the request is worked on first. */
  readonly nextTokenAnswers: ('lost' | 'stalled' | 'unavailable')[];
}

/** A request for tokens that was worked on. */
export interface TokenRequest {
  readonly grant: string;
  readonly ok: boolean;
}

/** A real authorization server (`oidc-provider`) on a loopback port, for one test file. */
export interface TestAuthorizationServer {
  readonly issuer: string;
  readonly behaviour: ServerBehaviour;
  readonly memory: OidcMemory;
  /** What was asked of the token endpoint so far. */
  readonly tokenRequests: TokenRequest[];
  /** Hung up on, and not reachable until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** What resources (RFC 8707) this server gives tokens for: any, with these scopes. */
const RESOURCE_SCOPES = 'read write admin contacts:read contacts:write mcp:read mcp:write';

/** Starts one. */
export async function startAuthorizationServer(): Promise<TestAuthorizationServer> {
  const memory = new OidcMemory();
  const behaviour: ServerBehaviour = { account: 'alice', refuses: false, accessTokenTtl: 3600, nextTokenAnswers: [] };
  const tokenRequests: TokenRequest[] = [];
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const http = createServer((request, response) => handle(request, response));
  const port = await listen(http, 0);
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, { ...configuration(memory, behaviour), jwks: { keys: [await signingKey()] } });
  provider.on('grant.success', (ctx) =>
    tokenRequests.push({ grant: String(ctx.oidc.params?.['grant_type']), ok: true }),
  );
  provider.on('grant.error', (ctx) =>
    tokenRequests.push({ grant: String(ctx.oidc?.params?.['grant_type']), ok: false }),
  );
  const callback = provider.callback();
  handle = (request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname;
    if (path.startsWith('/interaction/')) {
      finishInteraction(provider, behaviour, request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
      return;
    }
    const fate = path === '/token' ? behaviour.nextTokenAnswers.shift() : undefined;
    if (fate === 'unavailable') {
      response.writeHead(503).end('down for maintenance');
      return;
    }
    if (fate !== undefined) withhold(request, response, fate);
    void callback(request, response);
  };
  return {
    issuer,
    behaviour,
    memory,
    tokenRequests,
    stop: () => close(http),
    start: async () => void (await listen(http, port)),
  };
}

/** Lets the server do its work, and keeps the answer from whoever waits for it. */
function withhold(request: IncomingMessage, response: ServerResponse, how: 'lost' | 'stalled'): void {
  response.write = () => true;
  response.end = () => {
    if (how === 'lost') request.socket.destroy();
    return response;
  };
}

async function listen(http: Server, port: number): Promise<number> {
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  return (http.address() as AddressInfo).port;
}

async function close(http: Server): Promise<void> {
  const closed = once(http, 'close');
  http.close();
  http.closeAllConnections();
  await closed;
}

async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: 'test', alg: 'RS256', use: 'sig' };
}

function configuration(memory: OidcMemory, behaviour: ServerBehaviour): Configuration {
  return {
    adapter: (model: string) => memory.adapter(model),
    clients: [],
    scopes: ['openid', 'offline_access', ...RESOURCE_SCOPES.split(' ')],
    cookies: { keys: ['a key for the cookies of a test'] },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    pkce: { required: () => true },
    ttl: {
      AccessToken: () => behaviour.accessTokenTtl,
      ClientCredentials: () => behaviour.accessTokenTtl,
      AuthorizationCode: 60,
      IdToken: 3600,
      RefreshToken: 86_400,
      Grant: 86_400,
      Interaction: 600,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: RESOURCE_SCOPES,
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: behaviour.accessTokenTtl,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = JSON.stringify(out);
    },
  };
}
