import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jwtOptions, jwtSettings } from './jwt.options.js';
import { verificationKey } from './token-keys.js';

const SECRET = 'a shared secret of more than thirty-two bytes';
const base = { secret: SECRET, issuer: 'i', audience: 'a' };

const faults = (section: object) =>
  jwtOptions.safeParse(section).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

const pemOf = (...[type, options]: [string, object?]) => {
  const generate = generateKeyPairSync as (type: string, options?: object) => ReturnType<typeof generateKeyPairSync>;
  const { publicKey } = generate(type, options) as unknown as { publicKey: import('node:crypto').KeyObject };
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
};

describe('auth.jwt', () => {
  it("takes the guide's names", () => {
    const guide = {
      secretKey: SECRET,
      algorithm: 'HS512',
      tokenExpiryHours: 12,
      validateIssuer: true,
      validateAudience: true,
      issuer: 'analytics-server',
      audience: 'mcp-clients',
      userIdClaim: 'user_id',
      permissionsClaim: 'perms',
      rolesClaim: 'groups',
    };
    expect(jwtSettings(jwtOptions.parse(guide))).toMatchObject({
      key: { kind: 'secret', secret: SECRET },
      algorithms: ['HS512'],
      issuers: ['analytics-server'],
      audiences: ['mcp-clients'],
      maxAgeMs: 43_200_000,
      toleranceMs: 60_000,
      claims: { id: ['user_id'], permissions: ['perms'], roles: ['groups'], scopes: ['scope', 'scp'], tenant: [] },
    });
  });

  it('may be parsed again: what comes out is what goes in', () => {
    const once = jwtOptions.parse(base);
    expect(jwtOptions.parse(once)).toEqual(once);
  });

  it.each([
    ['no key', { issuer: 'i', audience: 'a' }, 'secret: one of secret, publicKey and jwksUrl is needed'],
    ['two keys', { ...base, jwksUrl: 'https://id.example.com' }, 'jwksUrl: stands beside secret'],
    ['both names of one key', { ...base, secretKey: SECRET }, 'secretKey: stands beside secret'],
    [
      'both names of a claim',
      { ...base, rolesClaim: 'r', claims: { roles: 's' } },
      'rolesClaim: stands beside claims.roles',
    ],
    ['a secret for RS256', { ...base, algorithm: 'RS256' }, 'algorithms: RS256 needs a public key, not secret'],
    ['a public key for HS256', { issuer: 'i', publicKey: 'x', algorithms: ['HS256'] }, 'HS256 needs a secret'],
    [
      'published keys for HS256',
      { issuer: 'i', jwksUrl: 'https://x.example', algorithms: ['ES256', 'HS256'] },
      'HS256 needs a secret',
    ],
    ['alg none', { ...base, algorithms: ['none'] }, 'algorithms.0'],
    ['keys over plain HTTP', { issuer: 'i', jwksUrl: 'http://id.example.com/keys' }, 'must be an https URL'],
    ['keys from a file', { issuer: 'i', jwksUrl: 'file:///etc/keys' }, 'must be an https URL'],
    ['an issuer that is not checked', { ...base, validateIssuer: false }, 'validateIssuer'],
    ['no issuer', { secret: SECRET, audience: 'a' }, 'issuer'],
    ['a private key beside a secret', { ...base, privateKey: 'x' }, 'privateKey: has no use beside a secret'],
    ['an unknown key', { ...base, secert: 'x' }, 'secert'],
  ])('refuses %s', (_what, section, fault) => {
    expect(faults(section).join('\n')).toContain(fault);
  });
});

describe('verificationKey', () => {
  const keyFor = (section: object) =>
    verificationKey(jwtSettings(jwtOptions.parse({ issuer: 'i', audience: 'a', ...section })));

  it.each([
    ['rsa', pemOf('rsa', { modulusLength: 2048 }), 'RS256'],
    ['P-256', pemOf('ec', { namedCurve: 'P-256' }), 'ES256'],
    ['P-384', pemOf('ec', { namedCurve: 'P-384' }), 'ES384'],
    ['P-521', pemOf('ec', { namedCurve: 'P-521' }), 'ES512'],
    ['Ed25519', pemOf('ed25519'), 'EdDSA'],
  ])('takes the one algorithm that is usual for a key: %s', (_what, publicKey, algorithm) => {
    expect(keyFor({ publicKey }).algorithms).toEqual([algorithm]);
  });

  it.each([
    ['a text that is no key', 'not a key', 'auth.jwt.publicKey cannot be read'],
    ['a short RSA key', pemOf('rsa', { modulusLength: 1024 }), 'less than 2048 bits'],
    ['a curve that no algorithm has', pemOf('ec', { namedCurve: 'secp256k1' }), 'is neither RSA'],
    ['a key for encryption', pemOf('x25519'), 'is neither RSA'],
  ])('refuses %s', (_what, publicKey, fault) => {
    expect(() => keyFor({ publicKey })).toThrow(fault);
  });

  it('refuses an algorithm that the key is not for', () => {
    const publicKey = pemOf('ec', { namedCurve: 'P-256' });
    expect(() => keyFor({ publicKey, algorithms: ['ES384'] })).toThrow('is a key for ES256, not for ES384');
  });
});
