import { describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../../core/index.js';
import { AuthorizationServer } from './authorization-server.js';
import { AuthorizationServerError } from './oauth-errors.js';
import { oauthClientOptions } from './oauth.options.js';

const ISSUER = 'https://login.example.com';
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  code_challenge_methods_supported: ['S256'],
};
const TOKEN = 'a-token-that-must-not-be-seen';

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

/** A server that answers by path; what it was asked, in order. */
function serverOf(answers: Readonly<Record<string, () => Response>>) {
  const asked: string[] = [];
  const clock = { now: 0 };
  const server = new AuthorizationServer(
    'crm',
    oauthClientOptions.parse({ clientId: 'rookery', clientSecret: 'the secret', issuer: ISSUER }),
    {
      telemetry: new InMemoryTelemetry(),
      now: () => clock.now,
      fetch: async (url) => {
        const { pathname } = new URL(url);
        asked.push(pathname);
        return answers[pathname]?.() ?? new Response('', { status: 404 });
      },
    },
  );
  return { server, asked, clock };
}

const RFC_8414 = '/.well-known/oauth-authorization-server';
const OIDC = '/.well-known/openid-configuration';
const consent = { redirectUri: 'https://mcp.example.com/cb', scopes: [], state: 's', codeVerifier: 'v'.repeat(43) };
const token = () => json({ access_token: TOKEN, token_type: 'Bearer', expires_in: 60 });

describe('AuthorizationServer', () => {
  it('finds the server by RFC 8414, then by OpenID Connect, once an hour', async () => {
    const { server, asked, clock } = serverOf({ [OIDC]: () => json(METADATA), '/token': token });
    await Promise.all([server.clientCredentials([]), server.clientCredentials([])]);
    expect(asked).toEqual([RFC_8414, OIDC, '/token', '/token']);
    clock.now = 3_600_001;
    await server.clientCredentials([]);
    expect(asked.slice(4)).toEqual([RFC_8414, OIDC, '/token']);
  });

  it('asks again after a failure', async () => {
    let up = false;
    const { server } = serverOf({
      [RFC_8414]: () => (up ? json(METADATA) : new Response('', { status: 503 })),
      '/token': token,
    });
    await expect(server.clientCredentials([])).rejects.toMatchObject({ fault: 'unreachable' });
    up = true;
    expect((await server.clientCredentials([])).expiresAt).toBe(60_000);
  });

  it.each([
    ['another issuer', { ...METADATA, issuer: 'https://evil.example.com' }],
    ['no PKCE with S256', { ...METADATA, code_challenge_methods_supported: ['plain'] }],
    ['a page of consent that is a script', { ...METADATA, authorization_endpoint: 'javascript:alert(1)' }],
    ['a token endpoint on this machine', { ...METADATA, token_endpoint: 'http://127.0.0.1:8080/token' }],
    ['no page of consent', { ...METADATA, authorization_endpoint: undefined }],
  ])('does not use a server that publishes %s', async (_what, metadata) => {
    const { server } = serverOf({ [RFC_8414]: () => json(metadata), '/token': token });
    await expect(server.consentUrl(consent)).rejects.toMatchObject({ fault: 'unusable' });
  });

  it('keeps the refresh token that was sent where the server does not rotate it', async () => {
    const { server } = serverOf({ [RFC_8414]: () => json(METADATA), '/token': token });
    expect(await server.refresh('the old one', ['read'])).toMatchObject({
      refreshToken: 'the old one',
      scopes: ['read'],
    });
  });

  it.each([
    ['no type', () => json({ access_token: TOKEN }), 'unusable'],
    ['a type that is not bearer', () => json({ access_token: TOKEN, token_type: 'DPoP' }), 'unusable'],
    ['no JSON', () => new Response(`<p>${TOKEN}</p>`, { headers: { 'content-type': 'text/html' } }), 'unusable'],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: `/?t=${TOKEN}` } }), 'unusable'],
    ['an error of its own making', () => json({ error: `x ${TOKEN}`, error_description: TOKEN }, 400), 'refused'],
    [
      '401',
      () => new Response(TOKEN, { status: 401, headers: { 'www-authenticate': `Basic realm="${TOKEN}"` } }),
      'refused',
    ],
    ['a failure', () => json({ error: 'server_error', error_description: TOKEN }, 503), 'unreachable'],
  ])('[A4] repeats nothing of an answer with %s', async (_what, answer, fault) => {
    const { server } = serverOf({ [RFC_8414]: () => json(METADATA), '/token': answer });
    const error = (await server.refresh(TOKEN, []).catch((thrown: unknown) => thrown)) as AuthorizationServerError;
    expect(error).toBeInstanceOf(AuthorizationServerError);
    expect(error.fault).toBe(fault);
    expect(
      [error.message, JSON.stringify(error.details), String(error.cause), (error.cause as Error).stack].join(),
    ).not.toMatch(/must-not-be-seen|the secret/);
    expect((error.cause as Error).cause).toBeUndefined();
  });
});
