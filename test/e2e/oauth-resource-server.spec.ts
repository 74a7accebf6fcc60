import {
  Client,
  InsufficientScopeError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AuthModule, RequireScopes } from '../../src/auth/index.js';
import { McpTool, ServerStatus, type Call } from '../../src/index.js';
import { createTestServer, type TestEra, type TestServer } from '../../src/testing/index.js';
import { McpOAuthProvider, startAuthorizationServer, type TestAuthorizationServer } from '../support/oidc/index.js';

const OPERATOR_KEY = 'the-key-of-an-operator-of-some-length';
const MACHINE = { id: 'machine', secret: 'a secret of a machine, long enough' };

@Injectable()
class ScopedTools {
  @McpTool({ description: 'Says who calls.' })
  @RequireScopes('mcp:read')
  whoami(_input: object, call: Call): string {
    return `${call.principal?.id} with ${call.principal?.scopes?.join(' ')}`;
  }

  @McpTool({ description: 'Writes.' })
  @RequireScopes('mcp:write')
  write(): string {
    return 'written';
  }

  @McpTool({ description: 'Needs scopes of two kinds.' })
  @RequireScopes('mcp:read', 'contacts:write')
  both(): string {
    return 'done';
  }
}

let authorization: TestAuthorizationServer;
let resource: TestServer;

beforeAll(async () => {
  authorization = await startAuthorizationServer();
  authorization.memory.addClient({
    client_id: MACHINE.id,
    client_secret: MACHINE.secret,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  });
  resource = await createTestServer({
    imports: [
      AuthModule.forRoot({
        apiKeys: { operator: { secret: OPERATOR_KEY } },
        jwt: { jwksUrl: `${authorization.issuer}/jwks`, issuer: authorization.issuer },
        oauth: { authorizationServers: [authorization.issuer], scopes: { 'mcp:write': ['mcp:read'] } },
      }),
    ],
    providers: [ScopedTools],
    transport: 'http',
    credential: OPERATOR_KEY,
  });
  // As a server started by its own bootstrap says it; one in an application of a team sets `publicUrl`.
  resource.app.get(ServerStatus).listens('http', resource.url);
});

afterAll(async () => {
  await resource.close();
  await authorization.stop();
});

const text = (result: unknown): unknown => (result as { content: { text: string }[] }).content[0]?.text;

describe.each<TestEra>(['2026-07-28', '2025-11-25'])('[A3] an official client of %s without a token', (era) => {
  const open: Client[] = [];

  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
  });

  function clientOf(provider: McpOAuthProvider): readonly [Client, StreamableHTTPClientTransport] {
    const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
    const client = new Client({ name: 'authorizing', version: '1' }, { versionNegotiation: { mode } });
    open.push(client);
    return [client, new StreamableHTTPClientTransport(new URL(resource.url), { authProvider: provider })];
  }

  it('finds the authorization server, consents, calls, and steps up to more scopes', async () => {
    const provider = new McpOAuthProvider('mcp:read');
    const [refused, first] = clientOf(provider);
    await expect(refused.connect(first)).rejects.toThrow(UnauthorizedError);
    expect(provider.pages[0]?.origin).toBe(authorization.issuer);
    expect(provider.pages[0]?.searchParams.get('resource')).toBe(resource.url);
    await first.finishAuth(await provider.answer());
    expect(decodeJwt(provider.tokens()?.access_token ?? '')).toMatchObject({ aud: resource.url, scope: 'mcp:read' });

    const [client, transport] = clientOf(provider);
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(['both', 'whoami', 'write']);
    expect(text(await client.callTool({ name: 'whoami' }))).toBe('alice with mcp:read');

    await expect(client.callTool({ name: 'write' })).rejects.toThrow(UnauthorizedError);
    expect(provider.pages.length).toBe(2);
    expect(provider.pages[1]?.searchParams.get('scope')?.split(' ')).toEqual(expect.arrayContaining(['mcp:write']));
    await transport.finishAuth(await provider.answer());
    expect(text(await client.callTool({ name: 'write' }))).toBe('written');
    expect(text(await client.callTool({ name: 'whoami' }))).toContain('mcp:write');
  });
});

describe('[A3] the endpoint', () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };

  async function post(token?: string, query = ''): Promise<Response> {
    return fetch(resource.url + query, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(initialize),
    });
  }

  async function tokenFor(audience: string): Promise<string> {
    const response = await fetch(`${authorization.issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${MACHINE.id}:${encodeURIComponent(MACHINE.secret)}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience, scope: 'mcp:read' }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  it('tells a client without a token where to learn how to get one, and of no error', async () => {
    const response = await post();
    const challenge = response.headers.get('www-authenticate') ?? '';
    expect(response.status).toBe(401);
    expect(challenge).not.toContain('error');
    const metadata = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const origin = new URL(resource.url).origin;
    expect(metadata).toBe(`${origin}/.well-known/oauth-protected-resource/mcp`);
    for (const place of [metadata, `${origin}/.well-known/oauth-protected-resource`]) {
      expect(await (await fetch(place)).json()).toMatchObject({
        resource: resource.url,
        authorization_servers: [authorization.issuer],
        scopes_supported: ['contacts:write', 'mcp:read', 'mcp:write'],
      });
    }
  });

  it('takes a token that the authorization server gave for it to a machine', async () => {
    expect((await post(await tokenFor(resource.url))).status).toBe(200);
  });

  it('refuses a token that the same authorization server gave for another resource', async () => {
    const response = await post(await tokenFor('https://other.example.com/mcp'));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('answers a token of too little scope with 403, naming every scope of the operation', async () => {
    const requestInit = { headers: { authorization: `Bearer ${await tokenFor(resource.url)}` } };
    const client = new Client(
      { name: 'machine', version: '1' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(resource.url), { requestInit, onInsufficientScope: 'throw' }),
    );
    expect(text(await client.callTool({ name: 'whoami' }))).toBe('machine with mcp:read');
    const refused = await client.callTool({ name: 'both' }).catch((error: unknown) => error);
    await client.close();
    expect(refused).toBeInstanceOf(InsufficientScopeError);
    expect((refused as InsufficientScopeError).requiredScope).toBe('mcp:read contacts:write');
  });

  it('does not take a token from the query', async () => {
    const response = await post(undefined, `?access_token=${await tokenFor(resource.url)}`);
    expect(response.status).toBe(401);
  });
});
