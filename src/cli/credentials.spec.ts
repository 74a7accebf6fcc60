import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { digestOfKey, generateApiKey } from '../auth/index.js';
import { packageInfo, type ConfigOverrides } from '../config/index.js';
import { application } from './application.js';
import { run } from './program.js';

const SECRET = 'a-test-secret-of-more-than-32-bytes!!';
const KEY = /^rk_[a-z0-9]{1,12}_[\w-]{43}\n$/;

// Commands load the application when they need it: a thousand modules, which is no part of what a test takes.
beforeAll(async () => void (await Promise.all([import('../app.module.js'), import('./in-process.js')])), 60_000);

let cwd: string;
let config: Record<string, unknown>;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rookery-identity-'));
  config = {
    store: { url: `file:${join(cwd, 'store.db')}` },
    auth: { storedKeys: true },
    permissions: {
      roles: { analyst: ['read', 'execute'], admin: ['manage', 'execute'], viewer: ['read'] },
    },
  };
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** Runs a command line of the real application on the configuration above. */
async function rookery(...argv: string[]) {
  writeFileSync(join(cwd, 'config.yaml'), stringify(config));
  let [stdout, stderr] = ['', ''];
  const code = await run([...argv, '--config', join(cwd, 'config.yaml')], {
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
    source: (overrides: ConfigOverrides) => ({ ...overrides, env: {}, cwd, packageDirectory: packageInfo().directory }),
    application,
  });
  return { code, stdout, stderr };
}

describe('rookery keys', () => {
  const list = async () => JSON.parse((await rookery('keys', 'list', '--json')).stdout) as Record<string, unknown>[];

  it('[A1] prints a new key alone on stdout, and stores only its digest', async () => {
    const { code, stdout, stderr } = await rookery('keys', 'create', 'reports', '--role', 'analyst');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(KEY) });
    expect(stderr).toContain('the only time');
    const key = stdout.trim();
    const stored = readdirSync(cwd).map((file) => readFileSync(join(cwd, file), 'latin1'));
    expect(stored.some((text) => text.includes(digestOfKey(key)))).toBe(true);
    expect(stored.some((text) => text.includes(key))).toBe(false);
    expect(stderr).not.toContain(key);
  });

  it('makes what the options say, as JSON with one object', async () => {
    const flags = ['--role', 'viewer', '--permission', 'execute', '--tenant', 'acme', '--attribute', 'clearance=3'];
    const { stdout, stderr } = await rookery(
      'keys',
      'create',
      'a',
      ...flags,
      '--expires',
      '2099-01-31T00:00:00Z',
      '--json',
    );
    const about = {
      id: 'a',
      roles: ['viewer'],
      permissions: ['execute'],
      attributes: { clearance: 3 },
      tenant: 'acme',
      expiresAt: '2099-01-31T00:00:00Z',
    };
    expect(JSON.parse(stdout)).toEqual({ ...about, key: expect.stringMatching(/^rk_a_/) });
    expect(stderr).toBe('');
    expect(await list()).toEqual([{ ...about, state: 'active', createdAt: expect.stringMatching(/^20.*Z$/) }]);
  });

  it('lists states and ends, and never a digest or a key', async () => {
    const { stdout: key } = await rookery('keys', 'create', 'reports', '--role', 'analyst', '--expires', '90d');
    const { stdout: next } = await rookery('keys', 'rotate', 'reports', '--grace', '1h');
    await rookery('keys', 'create', 'old');
    await rookery('keys', 'revoke', 'old');
    const { stdout, stderr, code } = await rookery('keys', 'list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ID +STATE +ROLES +PERMISSIONS +TENANT +CREATED +EXPIRES\n/);
    expect(stdout).toMatch(/^old +revoked +- +- +- +20\S+Z +never$/m);
    expect(stdout).toMatch(/^reports +active, old key until 20\S+Z +analyst +- +- +20\S+Z +20\S+Z$/m);
    const all = stdout + JSON.stringify(await list());
    for (const secret of [key, next].flatMap((text) => [text.trim(), digestOfKey(text.trim())])) {
      expect(all).not.toContain(secret);
    }
  });

  it('says that there are none', async () => {
    expect(await rookery('keys', 'list')).toEqual({ code: 0, stdout: '', stderr: 'The store has no keys.\n' });
    expect(await list()).toEqual([]);
  });

  it('replaces a key, and ends the old one at once when there is no grace', async () => {
    const { stdout: first } = await rookery('keys', 'create', 'a');
    const { stdout: second, stderr } = await rookery('keys', 'rotate', 'a', '--grace', '0s');
    expect(second).toMatch(KEY);
    expect(second).not.toBe(first);
    expect(stderr).toContain('The old key has ended; running servers refuse it within 5 seconds');
    expect((await list())[0]).not.toHaveProperty('previousUntil');
  });

  it.each<[string[], number, string]>([
    [['create', 'x', '--role', 'analist'], 2, 'there is no role analist; did you mean analyst?'],
    [['create', 'x', '--expires', '90'], 2, '--expires takes a duration, as 90d, or an instant'],
    [['create', 'x', '--expires', '2020-01-01T00:00:00Z'], 2, '--expires must lie ahead'],
    [['create', 'x', '--attribute', 'novalue'], 2, '--attribute takes name=value'],
    [['create', 'not an id'], 1, 'The id of a key has 1 to 128 letters'],
    [['create', 'there'], 1, 'There is a key with the id "there" already'],
    [['create', 'configured'], 2, 'configured is a key of the configuration: take another id'],
    [['revoke', 'configured'], 2, 'take its entry out of auth.apiKeys'],
    [['rotate', 'configured'], 2, 'the old one as `previous`'],
    [['revoke', 'nobody'], 1, 'There is no key with the id "nobody"'],
    [['rotate', 'nobody'], 1, 'There is no key with the id "nobody"'],
    [['rotate', 'there', '--grace', '1 day'], 2, '--grace takes a whole number with s, m, h, d or w'],
  ])('refuses %j with %i, changing nothing', async (argv, code, message) => {
    const hash = digestOfKey(generateApiKey('configured'));
    config['auth'] = { storedKeys: true, apiKeys: { configured: { hash } } };
    await rookery('keys', 'create', 'there');
    const before = await list();
    expect(await rookery('keys', ...argv)).toEqual({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(await list()).toEqual(before);
  });

  it('says when the server does not accept what it makes', async () => {
    config['auth'] = {};
    const { code, stdout, stderr } = await rookery('keys', 'create', 'early');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(KEY) });
    expect(stderr).toContain(
      'does not accept the keys of the store until the configuration says auth.storedKeys: true',
    );
  });

  it('makes no key that ends with the command', async () => {
    config['store'] = { url: 'memory:' };
    expect(await rookery('keys', 'create', 'x')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('store.url'),
    });
  });

  it('says which store it cannot open, without its password', async () => {
    config['store'] = { url: 'postgres://rookery:hushhush@127.0.0.1:9/rookery' };
    const { code, stderr } = await rookery('keys', 'list');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the store \(store\.url\) cannot be opened: .*ECONNREFUSED/);
    expect(stderr).not.toMatch(/hushhush|rookery start/);
  });
});

describe('rookery token issue', () => {
  const jwt = { secret: SECRET, issuer: 'https://id.example.com', audience: ['https://mcp.example.com/mcp', 'other'] };

  it('[A2] prints a token alone on stdout, as the configuration signs it', async () => {
    config['auth'] = { jwt };
    const { code, stdout, stderr } = await rookery(
      'token',
      'issue',
      '--subject',
      'nightly',
      '--role',
      'analyst',
      '--scope',
      'a',
      '--scope',
      'b',
      '--expires',
      '12h',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('For https://mcp.example.com/mcp, until 20');
    const claims = decodeJwt(stdout.trim());
    expect(claims).toMatchObject({
      sub: 'nightly',
      roles: ['analyst'],
      scope: 'a b',
      aud: 'https://mcp.example.com/mcp',
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(12 * 3600);
  });

  it('tells programs what is in it', async () => {
    config['auth'] = { jwt };
    const { stdout } = await rookery('token', 'issue', '--subject', 's', '--audience', 'other', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      subject: 's',
      audience: 'other',
      expiresAt: expect.any(String),
      token: expect.stringMatching(/^ey/),
    });
  });

  it('takes the address of this server for the audience when the configuration leaves it to that', async () => {
    const { audience: _, ...rest } = jwt;
    config['auth'] = { jwt: rest, oauth: { authorizationServers: ['https://id.example.com'] } };
    const { stdout } = await rookery('token', 'issue', '--subject', 's', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ audience: 'http://127.0.0.1:3000/mcp' });
  });

  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
  it.each<[string, object, string[], string]>([
    ['no tokens at all', { storedKeys: true }, [], 'tokens are not configured: set auth.jwt.issuer'],
    [
      'a public key only',
      { jwt: { ...jwt, secret: undefined, publicKey } },
      [],
      'has only auth.jwt.publicKey. Set auth.jwt.privateKey',
    ],
    [
      'the keys of another only',
      { jwt: { ...jwt, secret: undefined, jwksUrl: 'https://id.example.com/keys' } },
      [],
      'has only auth.jwt.jwksUrl, the keys of another issuer',
    ],
    [
      'a life that is too long',
      { jwt },
      ['--expires', '25h'],
      'A token lives up to 24 hours (auth.jwt.tokenExpiryHours), not 25',
    ],
    ['no life', { jwt }, ['--expires', '0h'], 'not 0'],
    ['another audience', { jwt }, ['--audience', 'elsewhere'], 'must be one of auth.jwt.audience'],
    ['a role that does not exist', { jwt }, ['--role', 'root'], 'there is no role root'],
  ])('refuses with %s', async (_, auth, argv, message) => {
    config['auth'] = JSON.parse(JSON.stringify(auth));
    const answer = await rookery('token', 'issue', '--subject', 's', ...argv);
    expect(answer).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(answer.stderr).not.toContain(SECRET);
  });
});
