import { z } from 'zod';
import { isLoopback } from '../core/index.js';
import { derivedKeyId } from './api-keys/api-key.js';
import { apiKeysOptions, isShortForm } from './api-keys/api-keys.options.js';
import { jwtOptions } from './jwt/jwt.options.js';
import { encryptionKeys, keyRingFaults, oauthClients } from './oauth/oauth.options.js';
import { SCOPE } from './guards/scopes.js';

const scope = z.string().regex(SCOPE, 'must be a scope: visible ASCII characters other than space, " and \\');

const serverUrl = z.url().refine((url) => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}, 'must be an https URL (http on loopback only)');

/** The section `auth`: how callers say who they are. Nothing in it: nobody is asked. */
export const authOptions = z
  .strictObject({
    apiKeys: apiKeysOptions
      .default({})
      .describe('API keys by id. The short form, the key itself as name, works on loopback outside production only.'),
    storedKeys: z.boolean().default(false).describe('Whether API keys in the store count: `rookery keys create`.'),
    revocationSeconds: z
      .number()
      .min(0.1)
      .max(3600)
      .default(5)
      .describe('Seconds within which a key that was revoked in the store stops working, in every process.'),
    jwt: jwtOptions.optional().describe('Tokens of an issuer. None: tokens are not accepted.'),
    oauth: z
      .strictObject({
        authorizationServers: z
          .array(serverUrl)
          .min(1)
          .describe('The issuers that clients get tokens for this server from (RFC 9728).'),
        scopes: z
          .record(scope, z.array(scope))
          .default({})
          .describe('Scopes that imply others: `{ admin: [write], write: [read] }`.'),
        resourceName: z.string().min(1).optional().describe('The name of this server for people who consent.'),
        resourceDocumentation: z.url().optional().describe('Where developers read how to use this server.'),
      })
      .optional()
      .describe('This server as a resource of OAuth 2.1: clients are told where to get a token. Needs `jwt`.'),
    oauthClients: oauthClients.default({}).describe('Protected systems that tools call on behalf of people, by name.'),
    encryptionKeys,
    principalCache: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether it is remembered who a credential stands for.'),
        maxEntries: z.number().int().min(1).max(1_000_000).default(10_000).describe('Credentials remembered at once.'),
        ttlMs: z
          .number()
          .int()
          .min(1)
          .max(3_600_000)
          .default(60_000)
          .describe('Milliseconds for which a credential is remembered, if it does not end before.'),
      })
      .prefault({})
      .describe('Who a credential stands for, by its digest.'),
    requirePolicy: z
      .boolean()
      .default(false)
      .describe('Refuses the start while a target does not say who may call it.'),
    anonymous: z
      .strictObject({
        roles: z.array(z.string().min(1)).default([]).describe('The roles of callers who did not say who they are.'),
      })
      .prefault({})
      .describe('Callers without a credential, where they are let in.'),
    attempts: z
      .strictObject({
        maxPerMinute: z
          .number()
          .int()
          .min(1)
          .max(100_000)
          .default(30)
          .describe('Wrong credentials of one client address within 60 seconds, before it has to wait.'),
        maxAddresses: z
          .number()
          .int()
          .min(1)
          .max(1_000_000)
          .default(10_000)
          .describe('Client addresses counted one by one; beyond them, networks are.'),
      })
      .prefault({})
      .describe('Limits on wrong credentials.'),
  })
  .superRefine(({ jwt, oauth, oauthClients: clients, encryptionKeys: keys }, context) => {
    for (const fault of keyRingFaults(clients, keys))
      context.addIssue({ code: 'custom', ...fault, path: [...fault.path] });
    if (jwt !== undefined && jwt.audience === undefined && oauth === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['jwt', 'audience'],
        message: 'is needed: without it a token for any other service of the issuer would do here',
      });
    }
  });

/** The section `auth`, complete. */
export type AuthOptions = z.output<typeof authOptions>;

/** Whether callers must say who they are: as soon as there is one way to do so. */
export function isAuthRequired({ apiKeys, storedKeys, jwt, oauth }: AuthOptions): boolean {
  return Object.keys(apiKeys).length > 0 || storedKeys || jwt !== undefined || oauth !== undefined;
}

/**
 * What is said by API key as what is said by id: in the short form of `auth.apiKeys` the name is the key itself, and
 * only its id is known after the start. Other names stay as they are.
 */
export function byKeyId<T>(named: Readonly<Record<string, T>>, apiKeys: AuthOptions['apiKeys']): Record<string, T> {
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => {
      const entry = Object.hasOwn(apiKeys, name) ? apiKeys[name] : undefined;
      return [entry !== undefined && isShortForm(entry) ? derivedKeyId(name) : name, value];
    }),
  );
}
