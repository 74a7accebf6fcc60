import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { issueToken } from './issue-token.js';
import { judgeClaims } from './judge-claims.js';
import { jwtOptions, jwtSettings } from './jwt.options.js';
import { verificationKey } from './token-keys.js';

const NOW = 1_800_000_000_000;
const settingsOf = (section: object) =>
  jwtSettings(jwtOptions.parse({ issuer: 'i', audience: ['a', 'b'], ...section }));
const SECRET = { secret: 'a shared secret of more than thirty-two bytes' };

const pair = (...[type, options]: [string, object?]) => {
  const generate = generateKeyPairSync as (type: string, options?: object) => unknown;
  const { publicKey, privateKey } = generate(type, options) as { publicKey: KeyObject; privateKey: KeyObject };
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};

describe('issueToken', () => {
  it.each([
    ['HS256', SECRET],
    ['HS512', { ...SECRET, secret: SECRET.secret.repeat(2), algorithms: ['HS512'] }],
    ['RS256', pair('rsa', { modulusLength: 2048 })],
    ['PS256', { ...pair('rsa', { modulusLength: 2048 }), algorithms: ['PS256'] }],
    ['ES256', pair('ec', { namedCurve: 'P-256' })],
    ['EdDSA', pair('ed25519')],
  ])('issues what this server accepts, signed with %s', async (alg, section) => {
    const settings = settingsOf({ ...section, claims: { roles: 'realm_access.roles' } });
    const token = await issueToken(
      { subject: 'ci', permissions: ['read'], roles: ['analyst'], scopes: ['x', 'y'], hours: 2 },
      settings,
      NOW,
    );
    expect(decodeProtectedHeader(token)).toEqual({ alg, typ: 'at+jwt' });
    const key = verificationKey(settings);
    if (key.kind === 'static') await jwtVerify(token, key.key, { currentDate: new Date(NOW) });
    const { principal } = judgeClaims(decodeJwt(token), { ...settings, audiences: () => settings.audiences }, NOW);
    expect(principal).toMatchObject({ id: 'ci', permissions: ['read'], roles: ['analyst'], scopes: ['x', 'y'] });
    expect(principal?.expiresAt).toBe(NOW + 7_200_000 + 60_000);
  });

  it('lives as long as tokens may, by default', async () => {
    const { exp = 0, iat = 0 } = decodeJwt(await issueToken({ subject: 'ci' }, settingsOf(SECRET), NOW));
    expect(exp - iat).toBe(86_400);
  });

  it.each([
    ['too long a life', { subject: 'ci', hours: 25 }, SECRET, 'up to 24 hours'],
    ['no life', { subject: 'ci', hours: 0 }, SECRET, 'up to 24 hours'],
    ['a foreign audience', { subject: 'ci', audience: 'c' }, SECRET, 'must be one of auth.jwt.audience: a, b'],
    ['nobody', { subject: '' }, SECRET, 'needs a subject'],
    ['nothing to sign with', { subject: 'ci' }, { jwksUrl: 'https://id.example.com' }, 'nothing to sign with'],
    [
      'a key that is none',
      { subject: 'ci' },
      { publicKey: 'x', privateKey: 'y' },
      'auth.jwt.privateKey cannot be read',
    ],
  ])('refuses %s', async (_what, request, section, fault) => {
    await expect(issueToken(request, settingsOf(section), NOW)).rejects.toThrow(fault);
  });
});
