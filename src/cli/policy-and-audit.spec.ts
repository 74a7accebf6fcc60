import { readdirSync, readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { digestOfKey, generateApiKey } from '../auth/index.js';
import { packageInfo, type ConfigOverrides } from '../config/index.js';
import { application } from './application.js';
import { run } from './program.js';

const SECRET = 'a-test-secret-of-more-than-32-bytes!!';

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
      resourcePermissions: { datasets: { analyst: ['read', 'update'] } },
      resources: { datasets: { validators: ['data_access'] } },
    },
    knowledge: { enabled: false },
    files: { enabled: false },
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

describe('rookery policy', () => {
  const tool = ['policy', 'explain', '--tool', 'sensitive_data_operation'];
  beforeEach(() => {
    writeFileSync(join(cwd, 'people.csv'), 'id,name\n1,Ada\n');
    config['audit'] = { sinks: [{ type: 'file', path: join(cwd, 'audit', 'trail.jsonl') }] };
    config['datasets'] = {
      datasets: {
        people: { table: 'people', sensitivityLevel: 3, description: 'People.', seedFile: join(cwd, 'people.csv') },
      },
    };
  });

  it('[A12] prints every rule, and by what it is granted or refused', async () => {
    const { code, stdout, stderr } = await rookery(...tool, '--role', 'viewer');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^tool sensitive_data_operation for somebody: refused\n/);
    expect(stdout).toMatch(/^ +granted {2}a credential +somebody$/m);
    expect(stdout).toMatch(/^ +refused {2}permission execute +it would come with: analyst, admin$/m);
    expect(stdout).toMatch(/^ +refused {2}any role of analyst, admin +its roles: viewer$/m);
    expect(stdout).toMatch(/^ +refused {2}resource permission datasets:update +it would come with: analyst$/m);
    expect(stdout).toContain('answers as if it did not exist');
  });

  it.each<[string, string[], number, boolean | undefined]>([
    ['nobody', [], 1, false],
    ['a role that may, the resource being open', ['--role', 'analyst'], 0, undefined],
    [
      'a role and too low a clearance',
      ['--role', 'analyst', '--attribute', 'clearanceLevel=2', '--resource-id', 'people'],
      1,
      false,
    ],
    [
      'a role and the clearance',
      ['--role', 'analyst', '--attribute', 'clearanceLevel=3', '--resource-id', 'people'],
      0,
      true,
    ],
    ['a resource that is not there', ['--role', 'analyst', '--resource-id', 'nothing'], 1, false],
  ])('[A7] judges %s', async (_, who, code, allowed) => {
    const answer = await rookery(...tool, ...who, '--json');
    expect(answer).toMatchObject({ code, stderr: '' });
    expect(JSON.parse(answer.stdout)).toMatchObject({
      target: 'tool sensitive_data_operation',
      rules: expect.any(Array),
    });
    expect((JSON.parse(answer.stdout) as { allowed?: boolean }).allowed).toBe(allowed);
  });

  it('[A12] explains keys of the configuration and of the store by their ids', async () => {
    const hash = digestOfKey(generateApiKey('configured'));
    config['auth'] = {
      storedKeys: true,
      apiKeys: { configured: { hash, roles: ['analyst'] }, off: { hash: 'b'.repeat(64), disabled: true } },
    };
    await rookery('keys', 'create', 'stored', '--role', 'viewer');
    expect(await rookery(...tool, '--principal', 'configured')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /for configured: depends on what the call is about\n[^]*name one with --resource-id/,
      ),
    });
    expect(await rookery(...tool, '--key', 'stored')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('its roles: viewer'),
    });
    expect(await rookery(...tool, '--key', 'off')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the key is disabled'),
    });
    await rookery('keys', 'revoke', 'stored');
    const health = ['policy', 'explain', '--tool', 'health_check', '--key', 'stored'];
    expect(await rookery(...health)).toMatchObject({ code: 1, stdout: expect.stringContaining('the key is revoked') });
    expect(await rookery(...tool, '--key', 'nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no key nobody'),
    });
    config['auth'] = {};
    expect(await rookery(...health)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('auth.storedKeys is false'),
    });
  });

  it.each<[string[], string]>([
    [['--tool', 'sensitive_data_operatoin'], 'did you mean sensitive_data_operation?'],
    [['--resource', 'docs://nothing'], 'there is no resource docs://nothing'],
    [['--tool', 'health_check', '--resource-id', 'x'], 'asks for no resource whose id could be given'],
    [['--tool', 'health_check', '--role', 'root'], 'there is no role root'],
  ])('refuses %j', async (argv, message) => {
    expect(await rookery('policy', 'explain', ...argv)).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('lists what each target asks for, and those without a policy', async () => {
    const { code, stdout, stderr } = await rookery('policy', 'list');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^tool {2}sensitive_data_operation {2}a credential · permission execute · any role of analyst, admin · resource permission datasets:update$/m,
    );
    expect(stdout).toMatch(/^tool {2}health_check +no policy: any credential$/m);
    expect(stderr).toContain('2 of 3 say nothing of their callers');
    const targets = JSON.parse((await rookery('policy', 'list', '--json')).stdout) as object[];
    expect(targets).toContainEqual(
      expect.objectContaining({
        kind: 'tool',
        name: 'sensitive_data_operation',
        requiredPermissions: ['execute'],
        hasPolicy: true,
      }),
    );
    expect(targets).toContainEqual({ kind: 'tool', name: 'health_check', hasPolicy: false });
  });
});

describe('rookery audit verify', () => {
  const files = () => readdirSync(join(cwd, 'audit')).map((name) => join(cwd, 'audit', name));
  beforeEach(async () => {
    config['audit'] = { sinks: [{ type: 'file', path: join(cwd, 'audit', 'trail.jsonl') }, { type: 'database' }] };
    // Starts the application, which opens and closes a trail.
    await rookery('policy', 'list');
  });

  it('[A9] verifies every configured sink', async () => {
    const { code, stdout, stderr } = await rookery('audit', 'verify');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^ok: \d+ records in 1 trail, 0 errors, 0 warnings$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/trail\.jsonl\nok/);
    expect(stdout).toMatch(/^database store\nok/m);
    expect(JSON.parse((await rookery('audit', 'verify', '--json')).stdout)).toMatchObject({
      ok: true,
      sources: [{ ok: true }, { ok: true }],
    });
  });

  it('[A9] ends with 1 when a record was changed', async () => {
    const [file = ''] = files();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"event":"open"', '"event":"opEn"'));
    const { code, stdout } = await rookery('audit', 'verify');
    expect(code).toBe(1);
    expect(stdout).toContain('error forged');
    expect(await rookery('audit', 'verify', '--json')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^\{\n {2}"ok": false/),
    });
  });

  it('[A9] knows from the store that the end is missing, and without it takes that for a crash', async () => {
    const [file = ''] = files();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
    expect(await rookery('audit', 'verify')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('error truncated'),
    });
    expect(await rookery('audit', 'verify', file, '--anchors')).toMatchObject({ code: 1 });
    for (const argv of [[file], ['--no-anchors']]) {
      expect(await rookery('audit', 'verify', ...argv)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('warning unclean_end'),
      });
      expect(await rookery('audit', 'verify', ...argv, '--strict')).toMatchObject({ code: 1 });
    }
  });

  it('[A9] misses nothing of servers that share the store and write elsewhere', async () => {
    const own = config['audit'];
    config['audit'] = { sinks: [{ type: 'file', path: join(cwd, 'another-server', 'trail.jsonl') }] };
    await rookery('policy', 'list');
    config['audit'] = own;
    expect(await rookery('audit', 'verify')).toMatchObject({ code: 0 });
    rmSync(files()[0] ?? '');
    writeFileSync(join(cwd, 'audit', 'trail.w.000000.jsonl'), '');
    const { code, stdout } = await rookery('audit', 'verify');
    expect(code).toBe(1);
    expect(stdout.match(/^error missing/gm)).toHaveLength(1);
  });

  it('[A9] verifies with the key of a file', async () => {
    config['audit'] = { sinks: [{ type: 'file', path: join(cwd, 'keyed', 'trail.jsonl') }], key: SECRET };
    await rookery('policy', 'list');
    config['audit'] = {};
    writeFileSync(join(cwd, 'audit.key'), `${SECRET}\n`);
    writeFileSync(join(cwd, 'wrong.key'), 'another-secret-of-more-than-32-bytes');
    writeFileSync(join(cwd, 'empty.key'), '\n');
    const verify = (key: string) => rookery('audit', 'verify', join(cwd, 'keyed'), '--key-file', join(cwd, key));
    expect(await verify('audit.key')).toMatchObject({ code: 0 });
    expect(await verify('wrong.key')).toMatchObject({ code: 1 });
    expect(await verify('empty.key')).toMatchObject({ code: 2, stderr: expect.stringContaining('has no key in it') });
    expect(await verify('missing.key')).toMatchObject({ code: 2, stderr: expect.stringContaining('ENOENT') });
  });

  it('says when there is nothing to verify', async () => {
    expect(await rookery('audit', 'verify', join(cwd, 'nowhere.jsonl'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no audit files at'),
    });
    config['audit'] = { sinks: [{ type: 'stdout' }] };
    const { code, stderr } = await rookery('audit', 'verify');
    expect(code).toBe(2);
    expect(stderr).toContain('what went to stdout is with whoever collects it');
    expect(stderr).toContain('audit.sinks names no file and no database');
  });
});

it('[S2] config check and show list what does not hold between sections', async () => {
  config['auth'] = { anonymous: { roles: ['ghost'] } };
  for (const command of ['check', 'show']) {
    expect(await rookery('config', command)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('names the role "ghost"'),
    });
  }
});
