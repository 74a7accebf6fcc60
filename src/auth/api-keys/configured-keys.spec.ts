import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derivedKeyId, digestOfKey, generateApiKey } from './api-key.js';
import { apiKeysOptions } from './api-keys.options.js';
import { ConfiguredKeyIndex, configuredKeys } from './configured-keys.js';
import { judgeKey } from './judge-key.js';

const NOW = Date.parse('2027-01-01T00:00:00Z');

const faults = (entries: object) =>
  apiKeysOptions.safeParse(entries).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

/** Who a key stands for, or why it is refused. */
function judged(entries: object, key: string) {
  const index = new ConfiguredKeyIndex(configuredKeys(apiKeysOptions.parse(entries)));
  const { principal, reason } = judgeKey(digestOfKey(key), index.find(digestOfKey(key)), NOW);
  return principal ?? reason;
}

describe('[A1] keys of the configuration', () => {
  it('carry everything that they say to the principal', () => {
    const entry = {
      secret: 'the-key',
      permissions: ['read'],
      roles: ['analyst'],
      attributes: { clearanceLevel: 3 },
      tenant: 'acme',
      expiresAt: '2027-01-01T01:00:00+01:00',
    };
    expect(judged({ reports: { ...entry, expiresAt: '2027-01-01T02:00:00+01:00' } }, 'the-key')).toEqual({
      id: 'reports',
      permissions: ['read'],
      roles: ['analyst'],
      attributes: { clearanceLevel: 3 },
      tenant: 'acme',
      expiresAt: NOW + 3_600_000,
    });
    expect(judged({ reports: entry }, 'the-key')).toBe('expired');
  });

  it('may be given as a digest, with or without its name, in any case', () => {
    for (const hash of [
      digestOfKey('the-key'),
      `sha256:${digestOfKey('the-key')}`,
      digestOfKey('the-key').toUpperCase(),
    ]) {
      expect(judged({ reports: { hash } }, 'the-key')).toMatchObject({ id: 'reports' });
    }
  });

  it('have two valid keys for one id during a rotation', () => {
    const entries = { ci: { secret: 'new', previous: { secret: 'old', expiresAt: '2027-01-02T00:00:00Z' } } };
    expect(judged(entries, 'new')).not.toHaveProperty('expiresAt');
    expect(judged(entries, 'old')).toMatchObject({ id: 'ci', expiresAt: NOW + 86_400_000 });
  });

  it("have an id that is derived, in the guide's short form", () => {
    const principal = judged({ 'admin-key': { permissions: ['admin'] } }, 'admin-key');
    expect(principal).toMatchObject({ id: derivedKeyId('admin-key'), permissions: ['admin'] });
    expect(derivedKeyId('admin-key')).toMatch(/^key-[0-9a-f]{12}$/);
    expect(derivedKeyId('admin-key')).not.toContain(digestOfKey('admin-key').slice(0, 12));
  });

  it.each([
    ['two sources', { a: { secret: 'x', hash: 'a'.repeat(64) } }, 'a: has secret and hash: keep one of them'],
    [
      'no previous source',
      { a: { secret: 'x', previous: {} } },
      'a.previous: needs one of secret, secretFile and hash',
    ],
    ['a previous key of the short form', { a: { previous: { secret: 'x' } } }, 'a.previous: needs secret'],
    ['a hash that is none', { a: { hash: 'abc' } }, 'a.hash: must be the SHA-256 of the key'],
    ['an id that is none', { 'a b': { secret: 'x' } }, 'a b: has a name that cannot be an id'],
    ['a date that is none', { a: { secret: 'x', expiresAt: 'tomorrow' } }, 'a.expiresAt'],
    ['a key with a space', { a: { secret: 'two words' } }, 'a.secret: must be visible ASCII without spaces'],
    ['a previous key with an umlaut', { a: { secret: 'x', previous: { secret: 'ü' } } }, 'a.previous.secret: must be'],
    ['a short form with a space', { ok: {}, 'two words': {} }, ': has as its entry 2 a key that must be visible ASCII'],
    ['an unknown key', { a: { secret: 'x', role: 'admin' } }, 'Unrecognized key'],
  ])('are refused with %s', (_what, entries, fault) => {
    expect(faults(entries).join('\n')).toContain(fault);
  });

  it('are not told by the error that refuses them', () => {
    expect(faults({ 'two words': {}, a: { secret: 'more words' } }).join('\n')).not.toContain('words');
  });
});

describe('files of keys', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rookery-keys-'));
    writeFileSync(join(folder, 'key'), 'the-key\n', { mode: 0o600 });
    writeFileSync(join(folder, 'empty'), '\n');
    writeFileSync(join(folder, 'words'), 'two words\n');
    mkdirSync(join(folder, 'folder'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are read, without the newline at their end', () => {
    expect(judged({ reports: { secretFile: join(folder, 'key') } }, 'the-key')).toMatchObject({ id: 'reports' });
  });

  it('are known to be readable by everybody', () => {
    const exposed = () =>
      configuredKeys(apiKeysOptions.parse({ reports: { secretFile: join(folder, 'key') } }))[0]?.exposedFiles;
    expect(exposed()).toEqual([]);
    chmodSync(join(folder, 'key'), 0o644);
    expect(exposed()).toEqual([join(folder, 'key')]);
  });

  it('stop the start when they cannot be used: all of them, each with its path', () => {
    const entries = Object.fromEntries(
      ['missing', 'empty', 'folder', 'words'].map((name) => [name, { secretFile: join(folder, name) }]),
    );
    const start = () => configuredKeys(apiKeysOptions.parse(entries));
    expect(start).toThrow(`auth.apiKeys.missing: ${join(folder, 'missing')} does not exist`);
    expect(start).toThrow(`auth.apiKeys.empty: ${join(folder, 'empty')} is empty`);
    expect(start).toThrow(`auth.apiKeys.folder: ${join(folder, 'folder')} is not a regular file`);
    expect(start).toThrow(`auth.apiKeys.words: ${join(folder, 'words')} holds a key that must be visible ASCII`);
  });
});

describe('generateApiKey', () => {
  it('makes 256 random bits, with the beginning of the id before them', () => {
    expect(generateApiKey('Reports/nightly', (bytes) => Buffer.alloc(bytes, 0xff))).toBe(
      `rk_reportsnight_${'_'.repeat(42)}8`,
    );
    expect(generateApiKey('--')).toMatch(/^rk_key_[\w-]{43}$/);
    expect(new Set(Array.from({ length: 100 }, () => generateApiKey('a'))).size).toBe(100);
  });
});
