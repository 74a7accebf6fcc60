// oxlint-disable max-lines -- one table of everything that is refused
import 'reflect-metadata';
import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type LoggerService } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CallObservers, CoreModule } from '../core/index.js';
import { ApiKeyStore, type StoredApiKey } from './api-keys/api-key-store.js';
import { digestOfKey, generateApiKey } from './api-keys/api-key.js';
import { InMemoryApiKeyStore } from './api-keys/in-memory-api-key-store.js';
import { AuthClock } from './auth-clock.js';
import { AuthModule, type AuthModuleOptions } from './auth.module.js';
import { McpAuthGuard } from './mcp-auth.guard.js';
import { ResourceLocation } from './resource-server/resource-location.js';

const NOW = Date.parse('2027-01-01T00:00:00Z');
const SECONDS = NOW / 1000;
const SECRET = 'a shared secret of more than thirty-two bytes';
const ISSUER = 'https://id.example.com';
const AUDIENCE = 'https://mcp.example.com/mcp';
const KEY = 'rk_reports_4Zc1vXw0y2T8q6n5m3b7a9s0d1f2g3h4j5k6l7p8o9i';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const otherEd = generateKeyPairSync('ed25519');
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'ada', iat: SECONDS - 10, exp: SECONDS + 600, roles: ['analyst'] };
type Claims = Record<string, unknown>;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const SIGNERS: Readonly<Record<string, (input: string, key: KeyObject | string) => Buffer>> = {
  HS256: (input, key) => createHmac('sha256', key).update(input).digest(),
  HS384: (input, key) => createHmac('sha384', key).update(input).digest(),
  RS256: (input, key) => sign('sha256', Buffer.from(input), key),
  RS512: (input, key) => sign('sha512', Buffer.from(input), key),
  PS256: (input, key) => sign('sha256', Buffer.from(input), { key: key as KeyObject, padding: 6, saltLength: 32 }),
  ES256: (input, key) => sign('sha256', Buffer.from(input), { key: key as KeyObject, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (input, key) => sign(null, Buffer.from(input), key),
};

/** A token with these claims over the good ones, `undefined` taking one out. */
function token(alg: string, key: KeyObject | string, claims: Claims = {}, header: Claims = {}): string {
  const input = `${part({ alg, typ: 'JWT', ...header })}.${part({ ...CLAIMS, ...claims })}`;
  return `${input}.${SIGNERS[alg]?.(input, key).toString('base64url')}`;
}

const hs = (claims?: Claims, header?: Claims) => token('HS256', SECRET, claims, header);
const rs = (claims?: Claims, header?: Claims) => token('RS256', rsa.privateKey, claims, header);
const eddsa = (claims?: Claims, header?: Claims) => token('EdDSA', ed.privateKey, claims, header);

/** The token with one part put in the place of its own. */
function swap(of: string, index: 0 | 1 | 2, value: string): string {
  const parts = of.split('.');
  parts[index] = value;
  return parts.join('.');
}

const STORED: StoredApiKey = {
  id: 'stored',
  digest: digestOfKey('rk_stored_key-in-the-store'),
  previous: { digest: digestOfKey('rk_stored_key-before-it'), expiresAt: NOW - 1 },
  permissions: [],
  roles: [],
  attributes: {},
  createdAt: 1,
};

const API_KEYS = {
  reports: { secret: KEY },
  expired: { secret: 'a-key-that-has-expired', expiresAt: '2026-12-31T23:59:59Z' },
  now: { secret: 'a-key-that-ends-right-now', expiresAt: '2027-01-01T00:00:00Z' },
  disabled: { secret: 'a-key-that-is-disabled', disabled: true },
  rotated: {
    secret: 'the-key-after-rotation',
    previous: { secret: 'the-key-before-rotation', expiresAt: '2026-12-31T00:00:00Z' },
  },
};

const jwt = (options: object) => ({ issuer: ISSUER, audience: [AUDIENCE, 'mcp-clients'], ...options });
const SERVERS = {
  hs: { apiKeys: API_KEYS, storedKeys: true, jwt: jwt({ secret: SECRET }) },
  rs: { jwt: jwt({ publicKey: pem(rsa.publicKey) }) },
  es: { jwt: jwt({ publicKey: pem(ec.publicKey) }) },
  ed: { jwt: jwt({ publicKey: pem(ed.publicKey) }), oauth: { authorizationServers: [ISSUER] } },
  oauth: { jwt: { issuer: ISSUER, secret: SECRET }, oauth: { authorizationServers: [ISSUER] } },
  keys: { apiKeys: API_KEYS },
} satisfies Record<string, AuthModuleOptions>;

type ServerName = keyof typeof SERVERS | 'jwks';
type Headers = readonly (readonly [string, string])[];

const bearer = (credential: string): Headers => [['Authorization', `Bearer ${credential}`]];
const apiKey = (credential: string): Headers => [['X-API-Key', credential]];

/** Server, what is presented, headers, status, and the reason that operators read. */
type Case = readonly [server: ServerName, what: string, headers: Headers, status: 400 | 401, reason: string];

const claimCases = (server: ServerName, make: (claims?: Claims, header?: Claims) => string): readonly Case[] => [
  [server, 'no iss', bearer(make({ iss: undefined })), 401, 'issuer'],
  [server, 'a foreign iss', bearer(make({ iss: 'https://evil.example.com' })), 401, 'issuer'],
  [server, 'an iss with a slash more', bearer(make({ iss: `${ISSUER}/` })), 401, 'issuer'],
  [server, 'an iss that is a list', bearer(make({ iss: [ISSUER] })), 401, 'issuer'],
  [server, 'an empty iss', bearer(make({ iss: '' })), 401, 'issuer'],
  [server, 'no aud', bearer(make({ aud: undefined })), 401, 'audience'],
  [server, 'a foreign aud', bearer(make({ aud: 'https://other.example.com' })), 401, 'audience'],
  [server, 'an aud that begins like ours', bearer(make({ aud: `${AUDIENCE}/admin` })), 401, 'audience'],
  [server, 'an empty list of aud', bearer(make({ aud: [] })), 401, 'audience'],
  [server, 'a list of foreign aud', bearer(make({ aud: ['a', 'b'] })), 401, 'audience'],
  [server, 'an aud nested in a list', bearer(make({ aud: [[AUDIENCE]] })), 401, 'audience'],
  [server, 'an aud that is an object', bearer(make({ aud: { 0: AUDIENCE } })), 401, 'audience'],
  [server, 'no exp', bearer(make({ exp: undefined })), 401, 'claims'],
  [server, 'exp as a text', bearer(make({ exp: String(SECONDS + 600) })), 401, 'claims'],
  [server, 'exp null', bearer(make({ exp: null })), 401, 'claims'],
  [server, 'a negative exp', bearer(make({ exp: -1 })), 401, 'claims'],
  [server, 'expired', bearer(make({ exp: SECONDS - 61 })), 401, 'expired'],
  [server, 'expired by just the tolerance', bearer(make({ exp: SECONDS - 60 })), 401, 'expired'],
  [server, 'no iat', bearer(make({ iat: undefined })), 401, 'claims'],
  [server, 'iat as a text', bearer(make({ iat: 'now' })), 401, 'claims'],
  [server, 'issued in the future', bearer(make({ iat: SECONDS + 61 })), 401, 'not_yet_valid'],
  [server, 'nbf in the future', bearer(make({ nbf: SECONDS + 61 })), 401, 'not_yet_valid'],
  [server, 'nbf as a text', bearer(make({ nbf: 'soon' })), 401, 'claims'],
  [server, 'older than tokens may be', bearer(make({ iat: SECONDS - 86_400 - 61 })), 401, 'too_old'],
  [server, 'no sub', bearer(make({ sub: undefined })), 401, 'claims'],
  [server, 'an empty sub', bearer(make({ sub: '' })), 401, 'claims'],
  [server, 'a sub that forges a log line', bearer(make({ sub: 'ada\nadmin' })), 401, 'claims'],
  [server, 'a sub that is an object', bearer(make({ sub: { id: 'ada' } })), 401, 'claims'],
  [server, 'roles that are no list of texts', bearer(make({ roles: [{ admin: true }] })), 401, 'claims'],
  [server, 'an ID token', bearer(make({ at_hash: 'abc' })), 401, 'token_type'],
  [server, "Keycloak's refresh token", bearer(make({ typ: 'Refresh' })), 401, 'token_type'],
  [server, "Cognito's ID token", bearer(make({ token_use: 'id' })), 401, 'token_type'],
  [server, 'a logout token', bearer(make({ events: {} })), 401, 'token_type'],
  [server, 'a token bound to a key of the client', bearer(make({ cnf: { jkt: 'abc' } })), 401, 'sender_constrained'],
  [server, 'a DPoP proof', bearer(make({}, { typ: 'dpop+jwt' })), 401, 'token_type'],
  [server, 'an identity assertion', bearer(make({}, { typ: 'oauth-id-jag+jwt' })), 401, 'token_type'],
  [server, 'a type that is no text', bearer(make({}, { typ: 7 })), 401, 'token_type'],
  [server, 'an extension that must be understood', bearer(make({}, { crit: ['exp'] })), 401, 'malformed'],
  [server, 'a tampered payload', bearer(swap(make(), 1, part({ ...CLAIMS, roles: ['admin'] }))), 401, 'signature'],
  [server, 'no signature', bearer(swap(make(), 2, '')), 401, 'signature'],
  [
    server,
    "another token's signature",
    bearer(swap(make(), 2, make({ sub: 'eve' }).split('.')[2] ?? '')),
    401,
    'signature',
  ],
  [server, 'alg none', bearer(`${part({ alg: 'none', typ: 'JWT' })}.${part(CLAIMS)}.`), 401, 'algorithm'],
  [server, 'alg None, signed', bearer(swap(make(), 0, part({ alg: 'None' }))), 401, 'algorithm'],
  [server, 'no alg', bearer(swap(make(), 0, part({ typ: 'JWT' }))), 401, 'algorithm'],
  [server, 'a header that is no JSON', bearer(swap(make(), 0, 'eyJ')), 401, 'malformed'],
  [server, 'a header that is a list', bearer(swap(make(), 0, part([]))), 401, 'malformed'],
];

const CASES: readonly Case[] = [
  ...claimCases('hs', hs),
  ...claimCases('ed', eddsa),
  ['hs', 'a token signed with another secret', bearer(token('HS256', `${SECRET}!`)), 401, 'signature'],
  ['hs', 'a token signed with no secret', bearer(token('HS256', '')), 401, 'signature'],
  ['hs', 'HS384 where HS256 is accepted', bearer(token('HS384', SECRET)), 401, 'algorithm'],
  ['hs', 'RS256 where HS256 is accepted', bearer(rs()), 401, 'algorithm'],
  ['hs', 'a token in X-API-Key', apiKey(hs()), 401, 'unknown'],
  ['hs', 'an encrypted token', bearer('eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc'), 401, 'unknown'],
  ['hs', 'a token with a newline in its base64', bearer(`${hs().slice(0, -1)}=`), 401, 'unknown'],
  ['rs', 'HS256 under the public key as a secret', bearer(token('HS256', pem(rsa.publicKey))), 401, 'algorithm'],
  ['rs', 'HS256 under the trimmed public key', bearer(token('HS256', pem(rsa.publicKey).trim())), 401, 'algorithm'],
  ['rs', 'the right key, another algorithm', bearer(token('RS512', rsa.privateKey)), 401, 'algorithm'],
  ['rs', 'PS256 where RS256 is accepted', bearer(token('PS256', rsa.privateKey)), 401, 'algorithm'],
  ['rs', 'another RSA key', bearer(token('RS256', otherRsa.privateKey)), 401, 'signature'],
  [
    'rs',
    'a key in its own header',
    bearer(token('RS256', otherRsa.privateKey, {}, { jwk: otherRsa.publicKey.export({ format: 'jwk' }) })),
    401,
    'signature',
  ],
  [
    'rs',
    'a key at a URL in its header',
    bearer(token('RS256', otherRsa.privateKey, {}, { jku: 'https://evil.example.com' })),
    401,
    'signature',
  ],
  [
    'rs',
    'a kid that climbs directories',
    bearer(token('RS256', otherRsa.privateKey, {}, { kid: '../../dev/null' })),
    401,
    'signature',
  ],
  ['rs', 'expired', bearer(rs({ exp: SECONDS - 61 })), 401, 'expired'],
  ['rs', 'a foreign aud', bearer(rs({ aud: 'x' })), 401, 'audience'],
  ['es', 'RS256 where ES256 is accepted', bearer(rs()), 401, 'algorithm'],
  [
    'es',
    'a signature of zeros',
    bearer(swap(token('ES256', ec.privateKey), 2, Buffer.alloc(64).toString('base64url'))),
    401,
    'signature',
  ],
  ['ed', 'another Ed25519 key', bearer(token('EdDSA', otherEd.privateKey)), 401, 'signature'],
  ['ed', 'HS256 under the public key', bearer(token('HS256', pem(ed.publicKey))), 401, 'algorithm'],
  [
    'oauth',
    'the aud of another server of the issuer',
    bearer(hs({ aud: 'https://other.example.com/mcp' })),
    401,
    'audience',
  ],
  ['oauth', 'the origin alone as aud', bearer(hs({ aud: 'https://mcp.example.com' })), 401, 'audience'],
  [
    'jwks',
    'a key that is not published',
    bearer(token('RS256', otherRsa.privateKey, {}, { kid: 'gone' })),
    401,
    'unknown_key',
  ],
  [
    'jwks',
    'a published kid, another key',
    bearer(token('RS256', otherRsa.privateKey, {}, { kid: 'rsa-1' })),
    401,
    'signature',
  ],
  ['jwks', 'no kid, another key', bearer(token('RS256', otherRsa.privateKey)), 401, 'signature'],
  [
    'jwks',
    "a kid of another key's type",
    bearer(token('ES256', ec.privateKey, {}, { kid: 'rsa-1' })),
    401,
    'unknown_key',
  ],
  ['jwks', 'a published secret', bearer(token('HS256', SECRET, {}, { kid: 'oct-1' })), 401, 'algorithm'],
  ['jwks', 'expired', bearer(rs({ exp: SECONDS - 61 }, { kid: 'rsa-1' })), 401, 'expired'],
  ['keys', 'a token where none are accepted', bearer(hs()), 401, 'unknown'],
  ['keys', 'an unknown key', bearer('rk_unknown_key'), 401, 'unknown'],
  ['hs', 'an unknown key', apiKey(generateApiKey('reports')), 401, 'unknown'],
  ['hs', 'a key with one character changed', apiKey(`${KEY.slice(0, -1)}j`), 401, 'unknown'],
  ['hs', 'a key cut by one', apiKey(KEY.slice(0, -1)), 401, 'unknown'],
  ['hs', 'a key with one more', apiKey(`${KEY}i`), 401, 'unknown'],
  ['hs', 'a key with another prefix', apiKey(KEY.replace('rk_', 'sk_')), 401, 'unknown'],
  ['hs', 'a key without its prefix', apiKey(KEY.slice('rk_reports_'.length)), 401, 'unknown'],
  ['hs', 'a key in capitals', apiKey(KEY.toUpperCase()), 401, 'unknown'],
  ['hs', 'the digest of a key', apiKey(digestOfKey(KEY)), 401, 'unknown'],
  ['hs', 'the id of a key', apiKey('reports'), 401, 'unknown'],
  ['hs', 'an expired key', apiKey('a-key-that-has-expired'), 401, 'expired'],
  ['hs', 'a key that ends now', apiKey('a-key-that-ends-right-now'), 401, 'expired'],
  ['hs', 'a disabled key', bearer('a-key-that-is-disabled'), 401, 'disabled'],
  ['hs', 'the key before a rotation that is over', bearer('the-key-before-rotation'), 401, 'expired'],
  ['hs', 'a stored key that was revoked', bearer('rk_stored_key-in-the-store'), 401, 'revoked'],
  ['hs', 'its previous key', bearer('rk_stored_key-before-it'), 401, 'revoked'],
  ['keys', 'a stored key of another server', bearer('rk_stored_key-in-the-store'), 401, 'unknown'],
  ['hs', 'a name of Object.prototype', apiKey('__proto__'), 401, 'unknown'],
  ['hs', 'SQL', apiKey("'OR'1'='1"), 401, 'unknown'],
  ['hs', 'Basic', [['Authorization', 'Basic cmVwb3J0czpzZWNyZXQ=']], 401, 'unsupported_scheme'],
  ['hs', 'DPoP', [['Authorization', `DPoP ${hs()}`]], 401, 'unsupported_scheme'],
  ['hs', 'Negotiate', [['Authorization', 'Negotiate YII=']], 401, 'unsupported_scheme'],
  ['hs', 'Bearer alone', [['Authorization', 'Bearer']], 400, 'malformed'],
  ['hs', 'Bearer and a space', [['Authorization', 'Bearer ']], 400, 'malformed'],
  ['hs', 'a key without a scheme', [['Authorization', KEY]], 400, 'malformed'],
  ['hs', 'an empty Authorization', [['Authorization', '']], 400, 'malformed'],
  ['hs', 'an empty X-API-Key', [['X-API-Key', '']], 400, 'malformed'],
  ['hs', 'two words after Bearer', bearer(`${KEY} ${KEY}`), 400, 'malformed'],
  ['hs', 'a space in a key', apiKey('one two'), 400, 'malformed'],
  ['hs', 'a tab after Bearer', [['Authorization', `Bearer\t${KEY}`]], 400, 'malformed'],
  ['hs', 'a no-break space before the key', bearer(`\u00a0${KEY}`), 400, 'malformed'],
  ['hs', 'letters outside ASCII', bearer('schlüssel'), 400, 'malformed'],
  ['hs', 'a NUL', bearer(`${KEY}\u0000`), 400, 'malformed'],
  ['hs', 'a newline', bearer(`${KEY}\n`), 400, 'malformed'],
  ['hs', '17 KiB', bearer('k'.repeat(17 * 1024)), 400, 'too_large'],
  ['hs', '17 KiB in X-API-Key', apiKey('k'.repeat(17 * 1024)), 400, 'too_large'],
  ['hs', '17 KiB of another scheme', [['Authorization', `Basic ${'k'.repeat(17 * 1024)}`]], 400, 'too_large'],
  ['hs', 'both headers', [...bearer(KEY), ...apiKey(KEY)], 400, 'several_credentials'],
  ['hs', 'a good token and a good key', [...bearer(hs()), ...apiKey(KEY)], 400, 'several_credentials'],
  ['hs', 'Authorization twice', [...bearer(KEY), ...bearer(KEY)], 400, 'several_credentials'],
  ['hs', 'Authorization twice, the first one good', [...bearer(KEY), ...bearer('wrong')], 400, 'several_credentials'],
  ['hs', 'X-API-Key twice', [...apiKey(KEY), ...apiKey(KEY)], 400, 'several_credentials'],
  ['hs', 'a scheme and nothing', [['Authorization', 'Basic ']], 400, 'malformed'],
  ['hs', 'two schemes in one header', [['Authorization', `Bearer ${KEY}, Basic YTpi`]], 400, 'malformed'],
];

/** What Node makes of header lines: names in lower case, a second Authorization dropped, others joined. */
function requestOf(lines: Headers) {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    if (headers[key] === undefined) headers[key] = value;
    else if (key !== 'authorization') headers[key] += `, ${value}`;
  }
  return { headers, rawHeaders: lines.flat() };
}

const written: string[] = [];
const write = (...message: unknown[]) =>
  void written.push(message.map((one) => JSON.stringify(one) ?? String(one)).join(' '));
const LOGGER: LoggerService = { log: write, error: write, warn: write, debug: write, verbose: write, fatal: write };

@Module({})
class Ports {}

const servers = new Map<ServerName, TestingModule>();
const reasons: string[] = [];
let jwksServer: Server;

async function start(name: ServerName, options: AuthModuleOptions): Promise<void> {
  const store = new InMemoryApiKeyStore();
  await store.add(STORED);
  await store.revoke('stored', NOW - 1);
  const location = { url: () => AUDIENCE };
  const module = await Test.createTestingModule({
    imports: [
      CoreModule,
      {
        module: Ports,
        global: true,
        providers: [
          { provide: ApiKeyStore, useValue: store },
          { provide: ResourceLocation, useValue: location },
        ],
        exports: [ApiKeyStore, ResourceLocation],
      },
      AuthModule.forRoot({ attempts: { maxPerMinute: 100_000 }, ...options }),
    ],
  })
    .overrideProvider(AuthClock)
    .useValue({ now: () => NOW })
    .setLogger(LOGGER)
    .compile();
  await module.init();
  module.get(CallObservers).add({ refused: ({ reason }) => reasons.push(reason) });
  servers.set(name, module);
}

const guardOf = (name: ServerName) => (servers.get(name) as TestingModule).get(McpAuthGuard);

beforeAll(async () => {
  const published = {
    keys: [
      { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa-1', use: 'sig' },
      { ...createPublicKey(ec.privateKey).export({ format: 'jwk' }), kid: 'ec-1' },
      { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), kid: 'rsa-2' },
      { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 'oct-1' },
    ],
  };
  jwksServer = createServer((_request, response) => response.end(JSON.stringify(published)));
  await new Promise<void>((resolve) => jwksServer.listen(0, '127.0.0.1', resolve));
  const { port } = jwksServer.address() as AddressInfo;
  for (const [name, options] of Object.entries(SERVERS)) await start(name as ServerName, options);
  await start('jwks', { jwt: jwt({ jwksUrl: `http://127.0.0.1:${port}/keys` }) });
});

afterAll(async () => {
  await Promise.all([...servers.values()].map((module) => module.close()));
  jwksServer.close();
});

beforeEach(() => {
  written.length = 0;
  reasons.length = 0;
});

/** Parts of a credential long enough not to stand anywhere by chance. */
const tracesOf = (lines: Headers) =>
  lines.flatMap(([, value]) => value.split(/[\s.,]+/)).filter((piece) => piece.length > 10);

describe('[A1] [A2] what is refused', () => {
  it('is at least a hundred cases', () => {
    expect(CASES.length).toBeGreaterThan(100);
    expect(new Set(CASES.map(([server, what]) => `${server} ${what}`)).size).toBe(CASES.length);
  });

  it.each(CASES)('%s: %s', async (server, _what, lines, status, reason) => {
    const answer = await guardOf(server).authenticate(requestOf(lines), '192.0.2.1');
    expect(answer).toMatchObject({ kind: 'refused', status });
    if (answer.kind !== 'refused') return;
    const metadata =
      server === 'ed' || server === 'oauth'
        ? ', resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"'
        : '';
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="mcp", error="invalid_(?:token|request)", /);
    expect(answer.headers['www-authenticate']).toContain(
      `error="${status === 400 ? 'invalid_request' : 'invalid_token'}"`,
    );
    expect(answer.headers['www-authenticate']?.endsWith(metadata)).toBe(true);
    expect(reasons).toEqual([
      expect.stringMatching(new RegExp(`^credential refused: ${reason} \\((?:api_key|jwt|other)\\)$`)),
    ]);
    const told = JSON.stringify([answer, reasons, written]);
    for (const trace of tracesOf(lines)) expect(told).not.toContain(trace);
  });

  it('says the same to everybody whose credential is not accepted', async () => {
    const refused = CASES.filter(([server, , , status]) => server === 'hs' && status === 401);
    const answers = await Promise.all(
      refused.map(async ([server, , lines]) => guardOf(server).authenticate(requestOf(lines), '192.0.2.1')),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('[A1] [A2] what is accepted', () => {
  const accepted: readonly (readonly [ServerName, string, string])[] = [
    ['hs', 'HS256', hs()],
    ['hs', 'a list of aud with ours in it', hs({ aud: ['other', 'mcp-clients'] })],
    ['hs', 'expired within the tolerance', hs({ exp: SECONDS - 59 })],
    ['hs', 'a clock that is ahead within the tolerance', hs({ iat: SECONDS + 60, nbf: SECONDS + 60 })],
    ['hs', 'no type', hs({}, { typ: undefined })],
    ['hs', 'at+jwt', hs({}, { typ: 'at+jwt' })],
    ['hs', 'application/at+jwt', hs({}, { typ: 'application/AT+JWT' })],
    ['rs', 'RS256', rs()],
    ['es', 'ES256', token('ES256', ec.privateKey)],
    ['ed', 'EdDSA', eddsa()],
    ['oauth', "this server's URL as aud", hs()],
    ['jwks', 'a published RSA key', rs({}, { kid: 'rsa-1' })],
    ['jwks', 'a published EC key', token('ES256', ec.privateKey, {}, { kid: 'ec-1' })],
    ['jwks', 'PS256 with a published RSA key', token('PS256', rsa.privateKey, {}, { kid: 'rsa-1' })],
    ['jwks', 'no kid, with several keys of the type', rs()],
  ];

  it.each(accepted)('%s: %s', async (server, _what, credential) => {
    const answer = await guardOf(server).authenticate(requestOf(bearer(credential)), '192.0.2.1');
    expect(answer).toMatchObject({
      kind: 'authenticated',
      principal: { id: 'ada', roles: ['analyst'], issuer: ISSUER },
    });
    expect(reasons).toEqual([]);
    expect(written).toEqual([]);
  });

  it('ends with the token, tolerance included', async () => {
    const answer = await guardOf('hs').authenticate(requestOf(bearer(hs())), undefined);
    expect(answer).toMatchObject({ principal: { expiresAt: (SECONDS + 660) * 1000 } });
  });

  it('reads the scheme in any case, and a key with several spaces before it', async () => {
    for (const header of [`bearer ${KEY}`, `BEARER   ${KEY}`]) {
      const answer = await guardOf('hs').authenticate(requestOf([['Authorization', header]]), undefined);
      expect(answer).toMatchObject({ principal: { id: 'reports' } });
    }
  });
});
