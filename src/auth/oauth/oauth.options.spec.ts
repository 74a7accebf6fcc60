import { describe, expect, it } from 'vitest';
import { oauthClientsOptions } from './oauth.options.js';

const KEY = 'a key of thirty-two characters or more!!';
const CRM = { clientId: 'rookery', issuer: 'https://login.example.com' };

function faultsOf(crm: object, rest: object = {}): readonly string[] {
  const result = oauthClientsOptions.safeParse({ clients: { crm: { ...CRM, ...crm } }, ...rest });
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the options of OAuth clients', () => {
  it('take the client of the guide', () => {
    const guide = {
      clientId: 'your-client-id',
      clientSecret: 'your-client-secret',
      authorizationUrl: 'https://auth.example.com/oauth/authorize',
      tokenUrl: 'https://auth.example.com/oauth/token',
      scopes: ['read', 'write', 'admin'],
      usePkce: true,
      codeChallengeMethod: 'S256',
      tokenStorage: 'memory',
      refreshTokenEnabled: true,
    };
    expect(oauthClientsOptions.parse({ clients: { guide } }).clients['guide']).toMatchObject(guide);
  });

  it.each([
    [{ usePkce: false }, 'clients.crm.usePkce'],
    [{ codeChallengeMethod: 'plain' }, 'clients.crm.codeChallengeMethod'],
    [{ issuer: 'http://login.example.com' }, 'clients.crm.issuer: must be an https URL'],
    [
      { tokenUrl: 'https://user:password@login.example.com' },
      'clients.crm.tokenUrl: must be an https URL without cred',
    ],
    [{ issuer: undefined }, 'clients.crm.tokenUrl: is needed, or `issuer`'],
    [
      { issuer: undefined, tokenUrl: 'https://login.example.com/token', scopes: ['openid'] },
      'clients.crm.issuer: is needed for the scope openid',
    ],
    [{ clientAuthentication: 'client_secret_post' }, 'clients.crm.clientSecret: is needed for client_secret_post'],
    [{ clientAuthentication: 'none', clientSecret: 'x' }, 'clients.crm.clientSecret: has no use'],
    [{ scopes: ['two words'] }, 'clients.crm.scopes.0: must be a scope'],
    [{ redirectPath: '//evil.example.com' }, 'clients.crm.redirectPath: must be a path'],
    [{ tokenStorage: 'redis' }, 'encryptionKeys: is needed: the tokens of "crm" are kept in redis'],
  ])('refuse %j', (crm, fault) => {
    expect(faultsOf(crm)).toEqual([expect.stringContaining(fault)]);
  });

  it('refuse a key that is too short, and take a long one', () => {
    expect(faultsOf({ tokenStorage: 'database' }, { encryptionKeys: ['short'] })).toEqual([
      expect.stringContaining('encryptionKeys.0: must have 32 characters or more'),
    ]);
    expect(faultsOf({ tokenStorage: 'database' }, { encryptionKeys: [KEY] })).toEqual([]);
  });

  it('refuse two clients that would take each other’s answers', () => {
    const clients = { crm: CRM, erp: { ...CRM, redirectPath: '/oauth/callback/crm' } };
    const issues = oauthClientsOptions.safeParse({ clients }).error?.issues ?? [];
    expect(issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      expect.stringContaining('clients.erp.redirectPath: is /oauth/callback/crm, which is where answers for "crm"'),
    ]);
  });

  it('refuse a name that could not stand in a path', () => {
    const result = oauthClientsOptions.safeParse({ clients: { '../admin': CRM } });
    expect(result.success).toBe(false);
  });
});
