import { z } from 'zod';
import { isLoopback } from '../../core/index.js';

const NAME = /^[\w-]{1,64}$/;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const text = z.string().min(1);
const secret = z.string().min(1).meta({ secret: true });

const serverUrl = z
  .url()
  .refine(isSafeUrl, 'must be an https URL without credentials or fragment (http on loopback only)');

/** A protected system that tools call, and how tokens for it are had. */
export const oauthClientOptions = z
  .strictObject({
    clientId: text.describe('How the authorization server knows this server.'),
    clientSecret: secret
      .optional()
      .describe('The secret of a confidential client. None: a public client, held by PKCE.'),
    clientAuthentication: z
      .enum(['client_secret_basic', 'client_secret_post', 'none'])
      .optional()
      .describe('How the secret is sent. By default client_secret_basic with a secret, none without.'),
    issuer: serverUrl
      .optional()
      .describe(
        'The authorization server (RFC 8414, OpenID Connect Discovery): it says the URLs that are not given here.',
      ),
    authorizationUrl: serverUrl.optional().describe('Where people consent. By default what the issuer publishes.'),
    tokenUrl: serverUrl.optional().describe('Where tokens are had. By default what the issuer publishes.'),
    revocationUrl: serverUrl
      .optional()
      .describe('Where tokens are ended (RFC 7009). By default what the issuer publishes.'),
    scopes: z
      .array(z.string().regex(SCOPE, 'must be a scope: visible ASCII characters other than space, " and \\'))
      .default([])
      .describe('The scopes that are asked for when a tool names none.'),
    resource: serverUrl.optional().describe('The system that the tokens are for (RFC 8707).'),
    usePkce: z
      .literal(true)
      .default(true)
      .describe('PKCE is always used: without it a stolen code would do (OAuth 2.1).'),
    codeChallengeMethod: z.literal('S256').default('S256').describe('The PKCE method; `plain` protects nothing.'),
    tokenStorage: z
      .enum(['memory', 'redis', 'database'])
      .default('memory')
      .describe('Where tokens of people are kept, encrypted: memory is lost at a restart and not shared by processes.'),
    refreshTokenEnabled: z
      .boolean()
      .default(true)
      .describe('Whether tokens are refreshed. If not, people consent again.'),
    redirectPath: z
      .string()
      .regex(/^(?:\/[\w.~-]+)+$/, 'must be a path: /parts of letters, digits, . _ ~ -')
      .optional()
      .describe('Where the authorization server sends people back to. By default /oauth/callback/<name>.'),
    timeoutMs: z
      .number()
      .int()
      .min(10)
      .max(120_000)
      .default(10_000)
      .describe('Milliseconds for one request to the server.'),
    expirySkewMs: z
      .number()
      .int()
      .min(0)
      .max(3_600_000)
      .default(60_000)
      .describe('Milliseconds before its end from which a token is refreshed, one fifth of its life at the most.'),
    consentTtlMs: z
      .number()
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(600_000)
      .describe('Milliseconds within which a consent that was begun has to be finished.'),
    consentWaitMs: z
      .number()
      .int()
      .min(0)
      .max(600_000)
      .default(60_000)
      .describe('Milliseconds for which a call waits for a person who opened the page of consent.'),
    retentionDays: z
      .number()
      .int()
      .min(1)
      .max(3660)
      .default(90)
      .describe('Days after which a refresh token that nobody used is forgotten.'),
  })
  .superRefine((client, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (client.issuer === undefined && client.tokenUrl === undefined) {
      fault('tokenUrl', 'is needed, or `issuer`, which publishes it');
    }
    if (client.issuer === undefined && client.scopes.includes('openid')) {
      fault('issuer', 'is needed for the scope openid: the id token that comes with it is checked against it');
    }
    const secretive = client.clientAuthentication !== undefined && client.clientAuthentication !== 'none';
    if (secretive && client.clientSecret === undefined)
      fault('clientSecret', `is needed for ${client.clientAuthentication}`);
    if (client.clientAuthentication === 'none' && client.clientSecret !== undefined) {
      fault('clientSecret', 'has no use with clientAuthentication none: take one of them out');
    }
  });

/** The key `auth.oauthClients`: protected systems that tools call, by the name under which tools ask for them. */
export const oauthClients = z.record(
  z.string().regex(NAME, 'must be a name: 1 to 64 letters, digits, _ and -'),
  oauthClientOptions,
);

/** The key `auth.encryptionKeys`: what seals tokens at rest. */
export const encryptionKeys = z
  .array(z.string().min(32, 'must have 32 characters or more: openssl rand -base64 32').meta({ secret: true }))
  .default([])
  .describe('Keys that encrypt tokens at rest: the first seals, all of them open. To rotate, put a new one in front.');

/** What {@link OAuthClientsModule} is made with. */
export const oauthClientsOptions = z
  .strictObject({
    clients: oauthClients.default({}).describe('Protected systems that tools call, by name.'),
    encryptionKeys,
    publicUrl: serverUrl
      .default('http://127.0.0.1:3000')
      .describe('How browsers reach this server: its `server.publicUrl`. Redirect URIs begin with it.'),
  })
  .superRefine(({ clients, encryptionKeys: keys }, context) => {
    const faults = [...keyRingFaults(clients, keys), ...redirectPathFaults(clients)];
    for (const { path, message } of faults) context.addIssue({ code: 'custom', path: [...path], message });
  });

/** One client, complete. */
export type OAuthClientOptions = z.output<typeof oauthClientOptions>;

/** The options of the module, as they are given. */
export type OAuthClientsInput = z.input<typeof oauthClientsOptions>;

/** The options of the module, complete. */
export type OAuthClientsOptions = z.output<typeof oauthClientsOptions>;

/** Something that is wrong, and at which key. */
interface OptionFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** Where the authorization server of a client sends browsers back to, below the public URL. */
export function redirectPathOf(name: string, { redirectPath }: Pick<OAuthClientOptions, 'redirectPath'>): string {
  return redirectPath ?? `/oauth/callback/${name}`;
}

/** Each client has a path of its own: that is what keeps the answers of servers apart. */
function redirectPathFaults(clients: OAuthClientsOptions['clients']): readonly OptionFault[] {
  const owners = new Map<string, string>();
  return Object.entries(clients).flatMap(([name, client]) => {
    const path = redirectPathOf(name, client);
    const owner = owners.get(path);
    owners.set(path, owner ?? name);
    const message = `is ${path}, which is where answers for "${owner}" come to: give each client a path of its own`;
    return owner === undefined ? [] : [{ path: ['clients', name, 'redirectPath'], message }];
  });
}

/** A fault where tokens would be kept outside this process without a key to encrypt them; for `superRefine`. */
export function keyRingFaults(
  clients: Readonly<Record<string, Pick<OAuthClientOptions, 'tokenStorage'>>>,
  keys: readonly string[],
): readonly OptionFault[] {
  const shared = Object.entries(clients).find(([, { tokenStorage }]) => tokenStorage !== 'memory');
  if (shared === undefined || keys.length > 0) return [];
  const [name, { tokenStorage }] = shared;
  const message = `is needed: the tokens of "${name}" are kept in ${tokenStorage}, encrypted with it`;
  return [{ path: ['encryptionKeys'], message }];
}

/** Whether a URL may be spoken to: https, or http on loopback; nothing hidden in it. */
export function isSafeUrl(url: string): boolean {
  const { protocol, hostname, username, password, hash } = new URL(url);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
