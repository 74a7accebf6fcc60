import { describe, expect, it } from 'vitest';
import { configuredKeys } from './api-keys/configured-keys.js';
import { authOptions } from './auth.options.js';
import { authPosture } from './posture.js';

const GOOD = 'Vq3z-a-key-that-nobody-guesses';
const LONG = 'a shared secret of more than thirty-two bytes';
const jwt = { issuer: 'i', audience: 'a' };

const posture = (section: object) => authPosture(authOptions.parse(section));
const found = (section: object) => posture(section).map(({ severity, path }) => `${severity} ${path}`);

describe('[A11] authPosture', () => {
  it('finds nothing wrong with good credentials', () => {
    expect(posture({ apiKeys: { reports: { secret: GOOD } }, jwt: { ...jwt, secret: LONG } })).toEqual([]);
    expect(posture({ apiKeys: { reports: { hash: 'a'.repeat(64) } } })).toEqual([]);
    expect(posture({ storedKeys: true })).toEqual([]);
  });

  it('finds that there are none', () => {
    expect(found({})).toEqual(['exposed auth']);
    expect(found({ oauth: { authorizationServers: ['https://id.example.com'] } })).toEqual(['exposed auth.oauth']);
  });

  it.each(['your-secret-key', 'changeme', 'Secret', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'])(
    'knows a sample when it sees one: %s',
    (secret) => {
      expect(posture({ apiKeys: { reports: { secret } } })[0]?.message).toContain('auth.apiKeys.reports is a sample');
      expect(posture({ jwt: { ...jwt, secret } })[0]?.message).toContain('auth.jwt.secret is a sample');
    },
  );

  it('finds secrets that are too short for their use', () => {
    expect(found({ apiKeys: { reports: { secret: 'fifteen-letters' } } })).toEqual(['exposed auth.apiKeys.reports']);
    expect(found({ jwt: { ...jwt, secret: LONG.slice(0, 31) } })).toEqual(['exposed auth.jwt.secret']);
    expect(found({ jwt: { ...jwt, secret: LONG, algorithms: ['HS512'] } })).toEqual(['exposed auth.jwt.secret']);
  });

  it("finds the guide's short form, without showing the key", () => {
    const findings = posture({ apiKeys: { [GOOD]: { permissions: ['read'] } } });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      severity: 'exposed',
      path: expect.stringMatching(/^auth\.apiKeys\.key-[0-9a-f]{12}$/),
    });
    expect(JSON.stringify(findings)).not.toContain(GOOD);
  });

  it('stops every start that has one key for two ids', () => {
    const apiKeys = { one: { secret: GOOD }, two: { secret: `${GOOD}2`, previous: { secret: GOOD } } };
    expect(posture({ apiKeys })).toEqual([
      {
        severity: 'refuse',
        path: 'auth.apiKeys.two',
        message: 'auth.apiKeys.two has the same key as auth.apiKeys.one: give each its own.',
      },
    ]);
    expect(found({ apiKeys: { one: { secret: GOOD, previous: { secret: GOOD } } } })).toEqual([
      'refuse auth.apiKeys.one',
    ]);
  });

  it('warns of files that everybody on the machine can read, and judges what is in them', () => {
    const options = authOptions.parse({ apiKeys: { reports: { secretFile: '/run/key' } } });
    expect(authPosture(options)).toEqual([]);
    const keys = configuredKeys(options.apiKeys, () => ({ secret: 'changeme', worldReadable: true }));
    expect(authPosture(options, keys).map(({ severity }) => severity)).toEqual(['exposed', 'warn']);
  });
});
