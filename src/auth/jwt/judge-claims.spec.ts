import { describe, expect, it } from 'vitest';
import { claimAt } from './claims.js';
import { judgeClaims, type TokenRules } from './judge-claims.js';
import { jwtOptions, jwtSettings } from './jwt.options.js';

const NOW = 1_800_000_000;

/** Rules of a section `auth.jwt`. */
function rules(section: object): TokenRules {
  const settings = jwtSettings(jwtOptions.parse({ jwksUrl: 'https://id.example.com/keys', ...section }));
  return { ...settings, audiences: () => settings.audiences };
}

const judge = (section: object, claims: object) =>
  judgeClaims({ iat: NOW - 10, exp: NOW + 600, ...claims }, rules(section), NOW * 1000);

describe('[A2] tokens of identity providers', () => {
  it('Entra ID, for a user: scp is a text, roles are app roles, groups are ids', () => {
    const issuer = 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0';
    const section = {
      issuer,
      audience: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      claims: { id: 'oid', tenant: 'tid' },
      groups: { '8b5d0f3c-group': ['operator'] },
    };
    const claims = {
      ver: '2.0',
      iss: issuer,
      aud: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      sub: 'pairwise-AAAAAAAA',
      oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
      tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      azp: '0b0c0d',
      name: 'Ada',
      roles: ['Analyst'],
      groups: ['8b5d0f3c-group', 'another'],
      scp: 'Tools.Read Tools.Call',
    };
    expect(judge(section, claims).principal).toEqual({
      id: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
      roles: ['Analyst', 'operator'],
      permissions: [],
      scopes: ['Tools.Read', 'Tools.Call'],
      attributes: { iat: NOW - 10, exp: NOW + 600, ...claims },
      tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      issuer,
      expiresAt: (NOW + 660) * 1000,
    });
  });

  it('Okta: scp is a list, groups are names', () => {
    const section = {
      issuer: 'https://dev-1.okta.com/oauth2/default',
      audience: 'api://mcp',
      claims: { id: 'uid' },
      groups: { Analysts: ['analyst', 'viewer'] },
    };
    const claims = {
      ver: 1,
      jti: 'AT.1',
      iss: 'https://dev-1.okta.com/oauth2/default',
      aud: 'api://mcp',
      cid: '0oa1',
      uid: '00u1',
      scp: ['openid', 'tools:call'],
      sub: 'ada@example.com',
      groups: ['Everyone', 'Analysts'],
    };
    expect(judge(section, claims).principal).toMatchObject({
      id: '00u1',
      roles: ['analyst', 'viewer'],
      scopes: ['openid', 'tools:call'],
    });
  });

  it('Keycloak: roles of the realm and of the client, aud a list, typ Bearer', () => {
    const section = {
      issuer: 'https://sso.example.com/realms/acme',
      audience: 'mcp.server',
      claims: { roles: ['realm_access.roles', 'resource_access.mcp.server.roles'] },
    };
    const claims = {
      jti: '1',
      iss: 'https://sso.example.com/realms/acme',
      aud: ['mcp.server', 'account'],
      sub: 'f:1:ada',
      typ: 'Bearer',
      azp: 'web',
      realm_access: { roles: ['analyst', 'offline_access'] },
      resource_access: { 'mcp.server': { roles: ['operator', 'analyst'] }, account: { roles: ['view-profile'] } },
      scope: 'openid email',
    };
    expect(judge(section, claims).principal).toMatchObject({
      id: 'f:1:ada',
      roles: ['analyst', 'offline_access', 'operator'],
      scopes: ['openid', 'email'],
    });
  });

  it('names of claims that are URLs, as Auth0 has them', () => {
    const section = {
      issuer: 'https://acme.auth0.com/',
      audience: 'https://mcp.example.com/mcp',
      claims: { roles: 'https://example.com/roles' },
    };
    const claims = {
      iss: 'https://acme.auth0.com/',
      aud: ['https://mcp.example.com/mcp', 'https://acme.auth0.com/userinfo'],
      sub: 'auth0|1',
      'https://example.com/roles': ['admin'],
      permissions: ['read', 'execute'],
    };
    expect(judge(section, claims).principal).toMatchObject({ roles: ['admin'], permissions: ['read', 'execute'] });
  });

  it('on behalf of somebody: who acts is known too', () => {
    const section = { issuer: 'i', audience: 'a' };
    const { principal } = judge(section, { iss: 'i', aud: 'a', sub: 'ada', act: { sub: 'agent-7' } });
    expect(principal).toMatchObject({ id: 'ada', actor: 'agent-7', scopes: [] });
  });
});

describe('judgeClaims', () => {
  const section = { issuer: ['i', 'j'], audience: 'a', tokenExpiryHours: 1 };
  const good = { iss: 'j', aud: 'a', sub: 'ada' };

  it('accepts any of several issuers, and ends a token by its age though it says more', () => {
    const { principal } = judge(section, { ...good, exp: NOW + 86_400 });
    expect(principal?.expiresAt).toBe((NOW - 10 + 3600 + 60) * 1000);
  });

  it('gives no roles for groups that are named like members of Object.prototype', () => {
    const { principal } = judge(section, { ...good, groups: ['constructor', 'toString', '__proto__'] });
    expect(principal?.roles).toEqual([]);
  });

  it('reads a number as an id, and the first claim that is there', () => {
    const ids = { ...section, claims: { id: ['employee.number', 'sub'] } };
    expect(judge(ids, { ...good, employee: { number: 42 } }).principal?.id).toBe('42');
    expect(judge(ids, { ...good, employee: null }).principal?.id).toBe('ada');
  });
});

describe('claimAt', () => {
  it.each([
    ['a', { a: 1 }, 1],
    ['a.b', { 'a.b': 1, a: { b: 2 } }, 1],
    ['a.b', { a: { b: 2 } }, 2],
    ['a.b.c', { 'a.b': { c: 3 } }, 3],
    ['a.b.c', { a: { 'b.c': 4 } }, 4],
    ['a.b', { a: null }, undefined],
    ['a.b', { a: 'text' }, undefined],
    ['toString', {}, undefined],
    ['__proto__.polluted', {}, undefined],
  ])('%s in %j', (path, claims, expected) => {
    expect(claimAt(claims, path)).toBe(expected);
  });
});
